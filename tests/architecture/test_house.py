"""The house keeps its order: keys point down, every string is in Russian, no page asks another host."""

import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.apps import apps

from clientela.config.catalogues import PACKAGE

ORDER = [
    "accounts", "organisation", "chat", "clients", "resolution", "routing", "mailboxes", "contacts", "calls", "dialler", "calendar", "robot", "products", "requests", "rating", "bonus_malus", "contracts", "billing", "commission", "documents", "quotes", "underwriting", "sales", "claims", "renewals", "rent", "letters",
]  # fmt: skip
ROOT = Path(PACKAGE).parent
CATALOGUES = sorted(PACKAGE.glob("**/locale/ru/LC_MESSAGES/django.po"))


def test_every_foreign_key_points_down() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in ORDER
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and field.related_model._meta.app_label in ORDER
        and ORDER.index(field.related_model._meta.app_label) > ORDER.index(model._meta.app_label)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: str(p.relative_to(PACKAGE)).split("/locale")[0])
def test_every_string_is_in_russian(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    missing = [entry.msgid for entry in catalogue if not entry.translated() and not entry.obsolete]
    assert missing == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_a_string_reads_the_same_in_every_app() -> None:
    """Django joins the catalogues, so of two translations of one English string either may be shown anywhere."""
    found: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            texts = tuple(entry.msgstr_plural.values())[:3] or (entry.msgstr,)
            if not entry.obsolete:
                found.setdefault((entry.msgctxt or "", entry.msgid), set()).add(texts)
    assert {key: texts for key, texts in found.items() if len(texts) > 1} == {}


def test_no_string_is_missing_from_the_catalogues(tmp_path: Path) -> None:
    """Gather the strings of a copy of the sources: a string that is not in its app's catalogue is named."""
    copy = tmp_path / "project"
    copy.mkdir()
    subprocess.run(["cp", "-r", "--parents", "manage.py", "clientela", str(copy)], cwd=ROOT, check=True)
    subprocess.run(
        [sys.executable, "-m", "clientela.config.gather"], cwd=copy, check=True, capture_output=True
    )
    missing = {}
    for path in copy.glob("clientela/**/locale/ru/LC_MESSAGES/django.po"):
        lost = [
            e.msgid for e in polib.pofile(str(path)) if (not e.translated() or e.fuzzy) and not e.obsolete
        ]
        if lost:
            missing[str(path.relative_to(copy)).split("/locale")[0]] = lost
    assert missing == {}


def test_pages_name_no_other_host() -> None:
    allowed = re.compile(r"https?://(www\.w3\.org|[\w.-]*\.example|127\.0\.0\.1|localhost)")
    found = {
        f"{path.relative_to(ROOT)}: {match}"
        for path in PACKAGE.glob("**/*.html")
        for match in re.findall(r"(?:src|href|action)=[\"'](https?://[^\"']+)", path.read_text())
        if not allowed.match(match)
    }
    assert found == set()


def test_apps_with_strings_keep_a_catalogue() -> None:
    marks = re.compile(r"gettext|{% *(trans|translate|blocktrans)")
    without = []
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if PACKAGE not in folder.parents or (folder / "locale").exists():
            continue
        sources = [p for p in [*folder.rglob("*.py"), *folder.rglob("*.html")] if "tests" not in p.parts]
        if any(marks.search(p.read_text()) for p in sources if not _elsewhere(p, folder)):
            without.append(config.label)
    assert set(without) <= {"demo"}  # still to be put into Russian


def _elsewhere(path: Path, folder: Path) -> bool:
    """Whether a nearer folder than the app keeps the catalogue of this file."""
    for parent in path.parents:
        if parent == folder:
            return False
        if (parent / "locale").exists():
            return True
    return False


def test_what_replaces_itself_takes_the_newest_answer() -> None:
    """A part that reads itself anew and is replaced whole forgets what was asked meanwhile, unless told to ask again."""
    tags = [
        (path, tag)
        for path in sorted(ROOT.glob("clientela/workspace/**/*.html"))
        for tag in re.findall(r"<\w+ (?:[^>]|(?<=[-%])>)*data-live=(?:[^>]|(?<=[-%])>)*>", path.read_text())
    ]
    assert len(tags) > 30
    wrong = [
        f"{path.name}: {tag[:60]}"
        for path, tag in tags
        if 'hx-swap="outerHTML"' in tag and "hx-sync=" not in tag
    ]
    assert not wrong, wrong
