"""What consents of two cards that are one client say together."""

from collections.abc import Iterable
from datetime import datetime

from clientela.modules.contacts.models import Consent


def taken_back(consents: Iterable[Consent]) -> dict[Consent, datetime]:
    """Consents in force that were taken back later on another card, with the moment of that."""
    rows = sorted(consents, key=lambda row: row.pk)
    found: dict[Consent, datetime] = {}
    for consent in rows:
        ends = [
            other.withdrawn_at
            for other in rows
            if other.client_id != consent.client_id
            and (other.purpose, other.channel) == (consent.purpose, consent.channel)
            and other.withdrawn_at is not None
            and other.withdrawn_at >= consent.granted_at
        ]
        if consent.withdrawn_at is None and ends:
            found[consent] = max(ends)
    return found
