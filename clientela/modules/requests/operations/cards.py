"""Whose request it is: by the identity rules of clients; a shared phone asks, it never guesses."""

from datetime import datetime

from django.db import transaction

from clientela.foundation.claims import one_at_a_time
from clientela.foundation.names import split_full_name
from clientela.foundation.phones import format_phone
from clientela.modules.clients.models import ContactPoint
from clientela.modules.clients.operations.cards import create_client
from clientela.modules.clients.operations.data import InvalidData
from clientela.modules.contacts.models import Purpose
from clientela.modules.contacts.operations.consents import grant_consent
from clientela.modules.organisation.models import Branch
from clientela.modules.requests.models import Request


def card_for(
    name: str, phone: str, email: str, branch: Branch, *, now: datetime
) -> tuple[int | None, list[int]]:
    """The client of a phone or an e-mail, or a new card; else nobody, and the cards that share the phone.

    The e-mail tells people with one phone apart where exactly one of them has it. The caller holds a transaction.
    """
    one_at_a_time("contacts.newcomers")
    by_phone = _owners(ContactPoint.Kind.PHONE, phone)
    by_email = _owners(ContactPoint.Kind.EMAIL, email)
    both = [one for one in by_phone if one in by_email]
    for known in (both, by_phone, by_email):
        if known:
            return (known[0], []) if len(known) == 1 else (None, known)
    parts = split_full_name(name)
    shown = str(parts) or (format_phone(phone) if phone else email)
    details = {
        "last_name": (parts.last or ("" if parts.first else shown))[:120], "first_name": parts.first[:80],
        "middle_name": parts.middle[:80],
    }  # fmt: skip
    contacts = [(kind, value) for kind, value in (("phone", phone), ("email", email)) if value]
    for given in (details, {"last_name": shown[:120], "first_name": ""}):
        try:
            with transaction.atomic():
                card = create_client(
                    actor=None, now=now, branch=branch, details=given, contacts=contacts, source="request"
                )
                return card.pk, []
        except InvalidData:
            continue
    return None, []


def _owners(kind: str, value: str) -> list[int]:
    if not value:
        return []
    rows = ContactPoint.objects.filter(kind=kind, value=value).order_by("client_id")
    return list(rows.values_list("client_id", flat=True).distinct())


def consented(request: Request, *, now: datetime) -> None:
    """Who asks wants an answer: the service consent of the channels named, with the version agreed to."""
    client = request.client
    if client is None:
        return
    version = str(request.consent) if request.consent else ""
    channels = (("call", request.phone), ("sms", request.phone), ("email", request.email))
    for channel, value in channels:
        if value and request.consent is not None:
            grant_consent(
                actor=None, now=now, client=client, purpose=Purpose.SERVICE, channel=channel, text_version=version,
                source="own request",
            )  # fmt: skip
