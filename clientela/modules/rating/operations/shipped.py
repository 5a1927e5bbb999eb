"""The products and tariffs that come with every installation."""

import csv
import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.db import transaction

from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.rating.models import Table, TableVersion

FOLDER = Path(__file__).resolve().parents[1] / "shipped"


@transaction.atomic
def load_shipped(*, now: datetime, folder: Path = FOLDER) -> None:
    """Create what is missing; a product, table or version that is there already stays as people left it."""
    for file in sorted(folder.glob("*/product.json")):
        data = json.loads(file.read_text(encoding="utf-8"))
        facts = data["product"]
        product, _ = Product.objects.get_or_create(code=facts["code"], defaults=facts)
        starts = date.fromisoformat(data["starts_on"])
        if not product.versions.exists():
            ProductVersion.objects.create(
                product=product, number=1, state=ProductVersion.State.ACTIVE, starts_on=starts,
                definition=data["definition"], created_at=now, changed_at=now,
            )  # fmt: skip
        for position, table in enumerate(data["tables"]):
            _table(product, table, position, file.parent, now)


def _table(product: Product, data: dict[str, Any], position: int, folder: Path, now: datetime) -> None:
    names = ("title", "title_en", "hit_policy")
    defaults = {name: data[name] for name in names} | {"product": product, "position": position}
    table, created = Table.objects.get_or_create(code=data["code"], defaults=defaults)
    if not created:
        return
    rows: list[list[str]] = []
    for number, version in enumerate(data["versions"], start=1):
        read = _rows(folder / version["file"], [column["key"] for column in data["columns"]])
        rows = _amended(rows, read) if version.get("amends") else read
        starts = date.fromisoformat(version["starts_on"])
        known = min(datetime.combine(starts, time(), UTC), now)
        TableVersion.objects.create(
            table=table, number=number, state=TableVersion.State.APPROVED, starts_on=starts, columns=data["columns"],
            rows=rows, source=version.get("source", ""), created_at=known, changed_at=known, approved_at=known,
        )  # fmt: skip


def _rows(file: Path, keys: list[str]) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as source:
        return [[row[key] for key in keys] for row in csv.DictReader(source)]


def _amended(rows: list[list[str]], changes: list[list[str]]) -> list[list[str]]:
    """``rows`` with those of ``changes`` in the place of the ones that begin with the same cell."""
    changed = {row[0]: row for row in changes}
    return [changed.pop(row[0], row) for row in rows] + list(changed.values())
