"""People named in a contract: rows of a policy, and the same as JSON on a project or a version."""

from collections.abc import Iterable, Mapping
from typing import Any

from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import card_now
from clientela.modules.contracts.models import Participant, Policy

NAMES = ("role", "client_id", "name", "birth_date", "experience_since")


def participants_of(policy: Policy) -> list[dict[str, Any]]:
    """The people of a policy as JSON."""
    return [
        {name: _plain(getattr(one, name)) for name in NAMES} for one in policy.participants.order_by("id")
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def people_from(named: Iterable[Mapping[str, Any]], policy: Policy) -> list[Participant]:
    """Rows of ``policy`` for people given as JSON; what else stands there is not theirs to keep."""
    return [
        Participant(
            policy=policy, role=one["role"], name=one["name"], client=_card(one.get("client_id")),
            birth_date=one.get("birth_date") or None, experience_since=one.get("experience_since") or None,
        )
        for one in named
    ]  # fmt: skip


def _card(client_id: int | None) -> Client | None:
    """The person's card, which may have become part of another one since."""
    return Client.objects.filter(pk=card_now(client_id)).first() if client_id else None
