"""Whose purchase it is: asked only after the phone was confirmed, and told to nobody."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

from clientela.foundation.claims import one_at_a_time
from clientela.foundation.names import name_key
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.clients.operations import (
    ContactTaken,
    DocumentTaken,
    InvalidData,
    add_contact_point,
    add_document,
    create_client,
    verify_contact_point,
)
from clientela.modules.contacts.models import Purpose
from clientela.modules.contacts.operations import grant_consent
from clientela.modules.contacts.operations.newcomers import home_branch
from clientela.portal.shop.consents import DOCUMENTS
from clientela.portal.shop.models import Purchase

CHANNELS = {
    "service": (Purpose.SERVICE, ("sms", "email", "call")),
    "advertising": (Purpose.ADVERTISING, ("sms", "email")),
}


def card_of(purchase: Purchase, *, now: datetime) -> Client:
    """The card of the confirmed phone whose name and birth date are those that were typed, else a new one.

    A phone that several people share, or that belongs to somebody of another name, gives nobody's card away. The
    caller holds a transaction.
    """
    one_at_a_time("contacts.newcomers")
    person = purchase.person
    client = _known(person) or _new(person, now=now)
    _complete(client, person, now=now)
    for kind, (purpose, channels) in CHANNELS.items():
        if kind in purchase.consents:
            for channel in channels:
                grant_consent(
                    actor=None, now=now, client=client, purpose=purpose, channel=channel,
                    text_version=DOCUMENTS[kind].version, source="shop",
                )  # fmt: skip
    return client


def _known(person: dict[str, str]) -> Client | None:
    born = date.fromisoformat(person["birth_date"])
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=person["phone"])
    cards = Client.objects.filter(pk__in=points.values("client"), kind=Client.Kind.PERSON, birth_date=born)
    same = [card for card in cards.order_by("pk") if _same_name(card, person)]
    return same[0] if len(same) == 1 else None


def _same_name(card: Client, person: dict[str, str]) -> bool:
    if name_key(card.last_name) != name_key(person["last_name"]) or name_key(card.first_name) != name_key(
        person["first_name"]
    ):
        return False
    middle = name_key(card.middle_name), name_key(person["middle_name"])
    return not all(middle) or middle[0] == middle[1]


def _new(person: dict[str, str], *, now: datetime) -> Client:
    branch = home_branch()
    assert branch is not None, "a company has a branch"
    details = {name: person[name] for name in ("last_name", "first_name", "middle_name")}
    details["birth_date"] = date.fromisoformat(person["birth_date"])  # type: ignore[assignment]
    contacts = [("phone", person["phone"]), ("email", person["email"])]
    return create_client(
        actor=None, now=now, branch=branch, details=details, contacts=contacts, source="shop"
    )


def _complete(client: Client, person: dict[str, str], *, now: datetime) -> None:
    """What the card lacks of what was typed; nothing that it has is changed."""
    points = ContactPoint.objects.filter(client=client)
    if not points.filter(kind="email", value=person["email"].lower()).exists():
        _gently(
            lambda: add_contact_point(
                actor=None, now=now, client=client, kind="email", value=person["email"], source="shop"
            )
        )
    phone = points.filter(kind="phone", value=person["phone"]).first()
    if phone is not None and phone.verified_at is None:
        verify_contact_point(actor=None, now=now, contact_point=phone)
    _gently(lambda: add_document(
        actor=None, now=now, client=client, kind=IdentityDocument.Kind.PASSPORT, number=person["passport"],
    ))  # fmt: skip


def _gently(act: Callable[[], object]) -> None:
    with suppress(ContactTaken, DocumentTaken, InvalidData):
        act()
