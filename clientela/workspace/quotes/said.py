"""What a request tells of a car: its plate and VIN, where they can be read without doubt."""

import re
from typing import Any

from clientela.foundation.identifiers import InvalidIdentifier, normalize_plate, normalize_vin
from clientela.foundation.ui import formats
from clientela.modules.accounts.models import User
from clientela.modules.quotes.models import Calculation
from clientela.modules.requests.models import Request
from clientela.workspace.quotes.household import Thing
from clientela.workspace.quotes.talk import deal_of

KEY = "request"
_PLATE = re.compile(r"(?<!\w)[^\W\d_]\s?\d{3}\s?[^\W\d_]{2}\s?\d{2,3}(?!\w)")
_VIN = re.compile(r"(?<!\w)[0-9A-HJ-NPR-Z]{17}(?!\w)", re.IGNORECASE | re.ASCII)
_CHOICES = ((_PLATE, "plate", normalize_plate), (_VIN, "vin", normalize_vin))


def numbers_in(text: str) -> dict[str, str]:
    """The plate and the VIN that stand in the text; of two different ones none is certain."""
    found = {}
    for pattern, name, normalize in _CHOICES:
        read = set()
        for one in pattern.findall(text):
            try:
                read.add(str(normalize(one)))
            except InvalidIdentifier:
                continue
        if len(read) == 1:
            found[name] = read.pop()
    return found


def thing_of_request(calculation: Calculation, user: User, stands: dict[str, Any]) -> Thing | None:
    """What the request of this calculation tells of the car otherwise than ``stands``; nothing where it tells nothing."""
    deal = deal_of(calculation, user) if calculation.request_ref is None else None
    number = calculation.request_ref or (deal.request if deal else None)
    rows = Request.objects.visible_to(user).filter(pk=number, client=calculation.client_id) if number else ()
    for row in rows:
        answers = [str(one.get("value") or "") for one in row.answers if isinstance(one, dict)]
        told = numbers_in("\n".join([row.about, row.text, *answers]))
        told = {name: value for name, value in told.items() if stands.get(name) != value}
        if told:
            words = [formats.plate(value) if name == "plate" else value for name, value in told.items()]
            return Thing(KEY, " · ".join(words), told)
    return None
