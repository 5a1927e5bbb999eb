"""Gather translatable strings of every app into its own catalogue: ``python -m clientela.config.gather [app …]``.

Needs gettext. Only the app's own folder is scanned, so that a string lives where it is used.
"""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

PACKAGE = Path(__file__).resolve().parents[1]


def apps() -> list[Path]:
    """Folders that keep a catalogue: those with a ``locale`` folder."""
    return sorted(path.parent for path in PACKAGE.glob("**/locale"))


def gather(app: Path) -> None:
    """Bring one app's catalogue up to date with its sources."""
    (app / "locale").mkdir(exist_ok=True)
    nested = [f"{other.relative_to(app)}/*" for other in apps() if other != app and app in other.parents]
    os.chdir(app)
    call_command(
        "makemessages", locale=["ru"], no_location=True, no_obsolete=True, no_wrap=True,
        ignore_patterns=["tests/*", "migrations/*", *nested], verbosity=0,
    )  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
    django.setup()
    for path in [Path(name).resolve() for name in sys.argv[1:]] or apps():
        gather(path)
