"""All data of a person in one archive: for a program, and to be read."""

import io
import json
import zipfile
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clientela.foundation.audit.operations import record
from clientela.foundation.jobs.operations import Run, enqueue
from clientela.foundation.refusals import Refusal
from clientela.foundation.sealed_fields import BlindField
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.privacy.models import DataFile
from clientela.modules.privacy.queries import rows_of

KIND = "privacy.export"
KEPT = timedelta(days=7)
# Secrets of ours and what only machines read.
_HIDDEN = {
    "token", "key", "driver_key", "value_key", "digest", "claimed_by", "claimed_until", "import_run", "name_key", "number_key",
    "tail", "evidence_digest", "stamped_digest", "sha256", "pay_token", "html", "verdict", "notice_key", "sealed",
}  # fmt: skip
_UNTOLD = {
    "privacy.DataFile",
    "own.Visit",
    "clients.NotRelated",
    "contacts.PhoneClaim",
    "bonus_malus.RegistryEntry",
}


class AlreadyAsked(Refusal):
    """The file of the last request is being made, or is there."""

    message = gettext_noop("The archive is being made or is ready already.")


@transaction.atomic
def ask_data(*, actor: Any, now: datetime, client: Client) -> DataFile:
    """Have the archive made. ``actor`` None: the client asks on their own pages. Raises ``AlreadyAsked``, ``NotAllowed``."""
    if actor is not None:
        require(actor, Permission.PRIVACY_WRITE, client.pk)
    Client.objects.select_for_update().get(pk=client.pk)
    mine = DataFile.objects.filter(client=client, asked_by=actor).kept_at(now)
    if mine.exists():
        raise AlreadyAsked
    row = DataFile.objects.create(client=client, asked_by=actor, asked_at=now, expires_at=now + KEPT)
    row.job = enqueue(
        kind=KIND,
        title=gettext_noop("Gather all data of a person"),
        now=now,
        args={"file": row.pk},
        actor=actor,
    )
    row.save(update_fields=["job"])
    record(actor=actor, now=now, action="client.data_asked", obj=client, reason="" if actor else "own")
    return row


def take_data(*, actor: Any, now: datetime, row: DataFile, address: str | None = None) -> DataFile:
    """Somebody takes the archive: the journal notes it, as it does who opens a card."""
    record(
        actor=actor,
        now=now,
        action="client.read_data",
        obj=row.client,
        address=address,
        reason="" if actor else "own",
    )
    return row


def make_data(run: Run) -> dict[str, Any]:
    """The job: write the archive; done again it writes it anew."""
    row = DataFile.objects.select_related("client").filter(pk=run.args["file"]).first()
    if row is None:
        return {}
    with translation.override(row.client.language):
        sections = gather(row.client)
        content = archive(row.client, sections, now=timezone.now())
    run.check()
    with transaction.atomic():
        if row.file:
            row.file.delete(save=False)
        row.file.save(f"{row.pk}.zip", ContentFile(content), save=False)
        row.save(update_fields=["file"])
        run.progress(done=len(sections), total=len(sections))
    return {"sections": len(sections)}


def gather(client: Client) -> dict[str, list[dict[str, Any]]]:
    """What every table says of this person: model → rows, the card first."""
    found = {"clients.Client": [told(client)]}
    for _path, model, rows, _fate in rows_of(client.pk):
        if model._meta.label not in _UNTOLD:
            known = found.setdefault(model._meta.label, [])
            known += [one for one in map(told, rows.order_by("pk")) if one not in known]
    return {label: rows for label, rows in found.items() if rows}


def told(row: models.Model) -> dict[str, Any]:
    """A row in plain values: choices and references by their names, secrets and emptiness left out."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in _HIDDEN or isinstance(field, BlindField):
            continue
        value = getattr(row, field.name)
        if value in (None, "", [], {}):
            continue
        if field.choices:
            value = str(getattr(row, f"get_{field.name}_display")())
        elif isinstance(value, models.Model):
            value = str(value)
        elif isinstance(field, models.FileField):
            value = value.name.rpartition("/")[2]
        values[field.name] = value
    return values


def archive(client: Client, sections: dict[str, list[dict[str, Any]]], *, now: datetime) -> bytes:
    """``data.json``, ``data.html`` and the files that the person gave us or got from us."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        text = json.dumps(sections, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        file.writestr("data.json", text)
        file.writestr("data.html", page_of(client, sections, now=now))
        for name, stored in files_of(client):
            with default_storage.open(stored) as source:
                file.writestr(f"files/{name}", source.read())
    return out.getvalue()


def page_of(client: Client, sections: dict[str, list[dict[str, Any]]], *, now: datetime) -> str:
    """The same to be read, as one page without any address of ours in it."""
    from clientela.modules.privacy.words import field_word, table_word, value_word

    tables = [
        {
            "title": table_word(label),
            "rows": [[(field_word(name), value_word(value)) for name, value in row.items() if name != "id"] for row in rows],
        }
        for label, rows in sections.items()
    ]  # fmt: skip
    return render_to_string(
        "privacy/data.html", {"client": client, "tables": tables, "now": now, "title": _("Your data")}
    )


def files_of(client: Client) -> list[tuple[str, str]]:
    """Names in the archive and in the storage; a file that is not there any more is left out."""
    found = []
    for _path, model, rows, _fate in rows_of(client.pk):
        names = [one.name for one in model._meta.concrete_fields if isinstance(one, models.FileField)]
        if not names or model._meta.label in _UNTOLD:
            continue
        for row in rows.order_by("pk"):
            for name in names:
                stored = getattr(row, name)
                if stored and default_storage.exists(stored.name):
                    end = stored.name.rpartition(".")[2][:5]
                    found.append((f"{model._meta.model_name}-{row.pk}.{end}", stored.name))
    return found
