"""Calculations among what the search finds: by number, however it is typed."""

import re
from typing import Any

from django.urls import reverse

from clientela.foundation.fields import prefix_range
from clientela.modules.accounts.access import Permission
from clientela.modules.products.queries import name_of
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.rules import number_key

FEW = 6
_NUMBER = re.compile(r"(?i)[рrp]\W*\d{2}\W*\d*")


def found(user: Any, text: str) -> list[dict[str, Any]]:
    """Visible calculations whose number begins like this; one statement, none for other texts."""
    text = text.strip()
    if not _NUMBER.fullmatch(text) or not user.can(Permission.CONTRACTS_READ):
        return []
    rows = Calculation.objects.visible_to(user).filter(**prefix_range("number_key", number_key(text)))
    return [
        {
            "url": reverse("quotes:window", args=[row.pk]), "label": row.number, "icon": "calculator",
            "meta": f"{name_of(row.product)} · {row.client.name}", "end": row.get_state_display(),
        }
        for row in rows.select_related("client", "product").order_by("-updated_at")[:FEW]
    ]  # fmt: skip
