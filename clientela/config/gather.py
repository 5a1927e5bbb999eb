"""Gather translatable strings of every app into its own catalogue: ``python -m clientela.config.gather [app …]``.

Needs gettext. Only the app's own folder is scanned, so that a string lives where it is used.
"""

import os
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
MANAGE = PACKAGE.parent / "manage.py"


def apps() -> list[Path]:
    """Folders that keep a catalogue: those with a ``locale`` folder."""
    return sorted(path.parent for path in PACKAGE.glob("**/locale"))


def gather(app: Path) -> None:
    """Bring one app's catalogue up to date with its sources."""
    (app / "locale").mkdir(exist_ok=True)
    nested = [
        f"--ignore={other.relative_to(app)}/*" for other in apps() if other != app and app in other.parents
    ]
    command = [sys.executable, str(MANAGE), "makemessages", "-l", "ru", "--no-location", "--no-obsolete"]
    command += ["--no-wrap", "--ignore=tests/*", "--ignore=migrations/*", *nested]
    subprocess.run(command, cwd=app, check=True, env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)})  # noqa: S603


if __name__ == "__main__":
    for name in sys.argv[1:] or [str(path) for path in apps()]:
        gather(Path(name).resolve())
