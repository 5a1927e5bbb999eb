"""A backup brought back is what was there: every table, every file, the journal whole. What does not fit changes nothing."""

import json
import stat
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from clientela.config import backup
from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record, seal, verify
from clientela.modules.clients.models import Attachment, Client
from clientela.workspace.admin.monitor import last_backup

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def counts():
    return {model._meta.label: model.objects.count() for model in apps.get_models()}


@pytest.fixture
def company(vera_renewal, boris_renewal, administrator, now, settings, tmp_path):
    """The cast with a file, a sealed journal, and folders of its own."""
    settings.VAR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "var" / "files"
    settings.BACKUP_NOTE = settings.VAR / "backup.json"
    attachment = Attachment(
        client=vera_renewal.client, name="скан.txt", size=4, sha256="0" * 64, uploaded_by=administrator, uploaded_at=now
    )  # fmt: skip
    attachment.file.save("скан.txt", ContentFile(b"scan"))
    for number in range(5):
        record(
            actor=administrator, now=now, action="client.read", obj=vera_renewal.client, reason=str(number)
        )
    seal(now=now)
    record(actor=None, now=now, action="client.read", obj=vera_renewal.client)
    return attachment


@pytest.fixture
def archive(company, now, tmp_path):
    target = tmp_path / "clientela.backup"
    backup.make(target, now=now)
    return target


def test_everything_comes_back(company, archive, settings, capsys):
    before, text = counts(), company.file.path
    assert before["audit.Entry"] >= 6
    Client.objects.update(last_name="Чужая")
    Entry.objects.filter(reason="3").delete()
    Entry.objects.filter(reason="4").update(reason="x")
    assert verify().broken_at
    with open(text, "w") as spoilt:
        spoilt.write("gone")
    (settings.MEDIA_ROOT / "later.txt").write_text("made after the backup")

    call_command("restore", archive, replace=True)

    assert counts() == before
    assert set(Client.objects.values_list("last_name", flat=True)) == {"Орлова", "Зимин"}
    assert verify().broken_at == ""
    assert f"The journal is whole: {before['audit.Entry']} entries" in capsys.readouterr().out
    with open(text) as file:
        assert file.read() == "scan"
    assert [path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == [
        company.file.name.rpartition("/")[2]
    ]
    assert not [path for path in settings.VAR.iterdir() if path.name.startswith(("backup-", "files."))]


def test_the_archive_tells_what_it_holds(company, archive, now):
    with zipfile.ZipFile(archive) as packed:
        manifest = json.loads(packed.read("manifest.json"))
        assert set(packed.namelist()) == {*manifest["parts"], "manifest.json"}
        assert packed.testzip() is None
    assert (manifest["format"], manifest["database"]) == (1, connection.vendor)
    assert "audit.0001_initial" in manifest["migrations"]
    assert f"files/{company.file.name}" in manifest["parts"]
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert last_backup() == now
    with pytest.raises(CommandError, match="already"):
        call_command("backup", archive)


def test_people_are_not_overwritten_by_chance(company, archive):
    Client.objects.update(last_name="Новая")

    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", archive)

    assert set(Client.objects.values_list("last_name", flat=True)) == {"Новая"}


def spoil(archive, change):
    """The archive written again with ``change(name, bytes)``; None leaves a part out."""
    with zipfile.ZipFile(archive) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in parts.items():
            changed = change(name, content)
            if changed is not None:
                packed.writestr(name, changed)


def in_manifest(**values):
    def change(name, content):
        return json.dumps(json.loads(content) | values) if name == "manifest.json" else content

    return change


def escape(name, content):
    if name != "manifest.json":
        return content
    manifest = json.loads(content)
    manifest["parts"]["files/../../../evil"] = {"size": 0, "sha256": ""}
    return json.dumps(manifest)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda name, content: content + b"x" if name.startswith("files/") else content, "damaged"),
        (lambda name, content: b"x" + content if name.startswith("database") else content, "damaged"),
        (lambda name, content: None if name.startswith("files/") else content, "manifest says"),
        (lambda name, content: None if name == "manifest.json" else content, "whole backup"),
        (lambda name, content: b"[]" if name == "manifest.json" else content, "whole backup"),
        (in_manifest(format=2), "newer"),
        (in_manifest(database="oracle"), "oracle"),
        (in_manifest(migrations=["audit.9999_from_the_future"]), "9999_from_the_future"),
        (escape, "manifest says"),
    ],
)
def test_a_bad_archive_changes_nothing(company, archive, settings, change, says):
    spoil(archive, change)
    Client.objects.update(last_name="Новая")

    with pytest.raises(CommandError, match=says):
        call_command("restore", archive, replace=True)

    assert set(Client.objects.values_list("last_name", flat=True)) == {"Новая"}
    with open(company.file.path) as file:
        assert file.read() == "scan"


def test_a_cut_archive_changes_nothing(company, archive):
    archive.write_bytes(archive.read_bytes()[:-100])

    with pytest.raises(CommandError, match="whole backup"):
        call_command("restore", archive, replace=True)

    assert Client.objects.count() == 2


def test_another_key_is_told(company, archive, settings, capsys):
    settings.SECRET_KEY = "another"

    call_command("restore", archive, replace=True)

    assert "CLIENTELA_SECRET_KEY differs" in capsys.readouterr().err


def test_nobody_knows_of_a_backup(settings, tmp_path, now):
    settings.BACKUP_NOTE = tmp_path / "backup.json"
    assert last_backup() is None
    settings.BACKUP_NOTE.write_text(json.dumps({"at": (now - timedelta(days=2)).isoformat()}))
    assert last_backup() == now - timedelta(days=2)
