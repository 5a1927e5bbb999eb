"""Rates that the product ships with, to be changed: the specification gives no figures of its own."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from clientela.modules.commission.models import Rate
from clientela.modules.commission.operations.rates import set_rate

FILE = Path(__file__).resolve().parents[1] / "shipped" / "rates.json"


@transaction.atomic
def load_shipped(*, now: datetime, active_from: date) -> int:
    """Add the common rates where there is none at all; returns how many came."""
    if Rate.objects.exists():
        return 0
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    for row in rows:
        values = row | {"percent": Decimal(row["percent"])}
        set_rate(actor=None, now=now, valid_from=active_from, **values)
    return len(rows)
