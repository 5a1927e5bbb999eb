"""``manage.py export_openapi``: write the description of the API to ``docs/openapi.json``."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import override

from clientela.config.api import api

SNAPSHOT = settings.ROOT / "docs/openapi.json"


def description() -> str:
    """The description as it is committed: English, keys sorted, one line a value."""
    with override("en"):
        schema = api.get_openapi_schema(path_prefix="/api/v1/")
        plain = json.loads(json.dumps(schema, default=str))
        return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class Command(BaseCommand):
    help = "Write docs/openapi.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=SNAPSHOT)

    def handle(self, *args: Any, **options: Any) -> None:
        options["to"].write_text(description(), encoding="utf-8")
