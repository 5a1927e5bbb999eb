"""``manage.py restore FILE [--replace]``: bring an archive of ``backup`` back and check the journal."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clientela.config import backup


class Command(BaseCommand):
    help = "Bring back what `backup` wrote. Stop the product first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="overwrite what is here")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = backup.restore(options["file"], replace=options["replace"])
        except backup.CannotRestore as refused:
            raise CommandError(str(refused)) from refused
        made = done.manifest["made_at"]
        self.stdout.write(f"Restored as of {made}: {len(done.manifest['parts']) - 1} files")
        if not backup.key_fits(done.manifest):
            self.stderr.write(
                "CLIENTELA_SECRET_KEY differs from the one of the backup: second steps and webhook secrets "
                "cannot be read until the old key is set."
            )
        if done.journal.broken_at:
            raise CommandError(f"The journal is broken at {done.journal.broken_at}.")
        self.stdout.write(f"The journal is whole: {done.journal.entries} entries")
