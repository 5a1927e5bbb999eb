"""What product managers have in work: a corridor of OSAGO as a draft, and a product that waits for the second person."""

import copy
from datetime import datetime, timedelta

from django.conf import settings

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.products.models import Product
from clientela.modules.rating.models import Table
from clientela.modules.rating.operations.checking import check
from clientela.modules.rating.operations.definitions import (
    change_definition,
    make_product_draft,
    propose_definition,
)
from clientela.modules.rating.operations.regression import Case
from clientela.modules.rating.operations.versions import change_cell, make_draft

AUTHOR = "t.ahmetov@prichal.example"
CASES = [
    Case(
        f"Р-{number}",
        "Проба",
        {"programme": programme, "sum_insured": "500000", "people": [{"birth_date": "1990-01-01"}]},
    )
    for number, programme in enumerate(("death", "injury", "full"), start=1)
]
SPORT = "Школьные и студенческие секции считаются любительским спортом."
SPORT_EN = "School and student clubs count as amateur sport."


def write(now: datetime) -> int:
    """Two drafts; returns how many. Without product managers or shipped products there are none."""
    author = User.objects.filter(email=AUTHOR).first()
    corridor = Table.objects.filter(code="osago.tb").first()
    product = Product.objects.filter(code="accident", versions__isnull=False).first()
    if author is None or corridor is None or product is None:
        return 0
    draft = make_draft(actor=author, now=now - timedelta(hours=5), table=corridor)
    place = draft.body.places["owner"]
    row = next(number for number, line in enumerate(draft.rows) if line[place].startswith("person"))
    change_cell(actor=author, now=now - timedelta(hours=4), version=draft, row=row, column="max", text="9098")
    version = make_product_draft(actor=author, now=now - timedelta(days=1, hours=3), product=product)
    definition = copy.deepcopy(version.definition)
    sport = next(one for one in definition["questions"] if one["key"] == "sport")
    sport |= {"help": SPORT, "help_en": SPORT_EN}
    at = now - timedelta(days=1, hours=2)
    today = local_today(settings.TIME_ZONE, at)
    version = change_definition(actor=author, now=at, version=version, definition=definition)
    version = check(actor=author, now=at, version=version, cases=CASES, on=today)
    propose_definition(
        actor=author, now=at, version=version, starts_on=today + timedelta(days=20),
        reason="Агенты спрашивают, куда отнести детские секции",
    )  # fmt: skip
    return 2
