"""``manage.py backup FILE``: database and uploaded files in one archive, while people work."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clientela.config import backup


class Command(BaseCommand):
    help = "Write everything this installation keeps into one archive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.exists():
            raise CommandError(f"{target} is there already.")
        manifest = backup.make(target, now=timezone.now())
        size = target.stat().st_size / 1_000_000
        self.stdout.write(f"{target}: {size:.1f} MB, {len(manifest['parts']) - 1} files beside the database")
