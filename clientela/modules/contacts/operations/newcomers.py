"""People who write to us for the first time get a card (CB-6)."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from clientela.foundation.claims import one_at_a_time
from clientela.foundation.phones import format_phone
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations.cards import create_client
from clientela.modules.clients.operations.data import InvalidData
from clientela.modules.contacts.models import Purpose
from clientela.modules.contacts.operations.consents import grant_consent
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.contacts.rules.policy import CALLS, consent_channel
from clientela.modules.organisation.models import Branch


def home_branch() -> Branch | None:
    """Where people nobody knows are served: the branch that the settings name, else the first one."""
    branches = Branch.objects.filter(is_active=True).order_by("id")
    return branches.filter(code=settings.HOME_BRANCH).first() or branches.first()


def cards_for(
    channel: str, strangers: Mapping[str, str], *, now: datetime, branches: Mapping[str, Branch] | None = None
) -> dict[str, list[int]]:
    """A card for each address, in the branch that ``branches`` names for it or else at home (with the name its owner gave, if any), once whoever asks at the same moment.

    Returns the client of each address. Without a branch in the company nobody gets a card. The caller holds a
    transaction.
    """
    branch = home_branch() if strangers else None
    if branch is None:
        return {}
    one_at_a_time("contacts.newcomers")
    kind = KINDS[channel]
    known = ContactPoint.objects.filter(kind=kind, value__in=list(strangers)).order_by("client_id")
    found: dict[str, list[int]] = {}
    for value, client_id in known.values_list("value", "client_id"):
        found.setdefault(value, []).append(client_id)
    for address, name in strangers.items():
        if address not in found and (
            card := _card(kind, address, name, (branches or {}).get(address, branch), now)
        ):
            found[address] = [card.pk]
            # Who asks wants an answer the same way; a stop word takes this back.
            grant_consent(
                actor=None,
                now=now,
                client=card,
                purpose=Purpose.SERVICE,
                channel=consent_channel(channel),
                source="own call" if channel in CALLS else "own message",
            )
    return found


def _card(kind: str, address: str, name: str, branch: Branch, now: datetime) -> Client | None:
    """None for an address that nobody can be answered at, such as the name of a company in an SMS."""
    shown = format_phone(address) if kind == ContactPoint.Kind.PHONE else address
    first, _, last = name.strip().rpartition(" ")
    details = {"last_name": (last or shown)[:120], "first_name": first[:80]}
    try:
        with transaction.atomic():
            return create_client(
                actor=None,
                now=now,
                branch=branch,
                details=details,
                contacts=[(kind, address)],
                source="incoming",
            )
    except InvalidData:
        return None
