"""Compile the translation catalogues without gettext: ``python -m clientela.config.catalogues``."""

import sys
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parents[1]


def compile_all() -> int:
    """Write a .mo beside every .po and return how many there are."""
    files = sorted(PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po"))
    for file in files:
        polib.pofile(str(file)).save_as_mofile(str(file.with_suffix(".mo")))
    return len(files)


if __name__ == "__main__":
    sys.stdout.write(f"{compile_all()} catalogues\n")
