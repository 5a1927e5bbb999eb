"""The client's word on data from sister companies: given under a version of the text, taken back at any time."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.contacts.operations.consents import grant_consent, withdraw_consent
from clientela.modules.group.models import Fact
from clientela.modules.group.queries.consents import newest_document

# A consent of this purpose is to take and use data; it is no leave to write by any channel.
CHANNEL = "data"


class NoDocument(Refusal):
    """Nobody has set up a text that a client could agree to."""

    message = _("There is no text of the consent yet.")


class NotToBeContacted(Refusal):
    """Somebody who is not to be contacted gives no consent here."""

    message = _("The client is not to be contacted: clear that first.")


@transaction.atomic
def give_consent(*, actor: Any, now: datetime, client: Client, source: str) -> Consent:
    """Keep that the client agreed to the newest text; ``source`` says how (evidence).

    Facts held under an older text stay where the new one names their company. Raises ``NoDocument``,
    ``NotToBeContacted``, PermissionDenied.
    """
    require(actor, Permission.CONTACTS_WRITE, client.pk)
    document = newest_document()
    if document is None:
        raise NoDocument
    row = Client.objects.select_for_update().get(pk=client.pk)
    if row.do_not_contact:
        raise NotToBeContacted
    old = Consent.objects.filter(
        client=row, purpose=Purpose.GROUP_DATA, channel=CHANNEL, withdrawn_at__isnull=True
    ).first()
    if old is not None and old.text_version != document.version:
        Consent.objects.filter(pk=old.pk).update(withdrawn_at=now, withdrawn_via="newer text")
    consent = grant_consent(
        actor=actor, now=now, client=row, purpose=Purpose.GROUP_DATA, channel=CHANNEL,
        text_version=document.version, source=source,
    )  # fmt: skip
    if old is not None and old.pk != consent.pk:
        facts = Fact.objects.filter(consent=old)
        facts.exclude(company__in=document.companies.all()).delete()
        facts.update(consent=consent)
    return consent


@transaction.atomic
def take_back(*, actor: Any, now: datetime, client: Client, via: str) -> int:
    """End the consent; every fact and all made of it goes in the same transaction. Returns how many ended."""
    require(actor, Permission.CONTACTS_WRITE, client.pk)
    in_force = Consent.objects.filter(client=client, purpose=Purpose.GROUP_DATA, withdrawn_at__isnull=True)
    return sum(
        withdraw_consent(
            actor=actor, now=now, client=client, purpose=Purpose.GROUP_DATA, channel=channel, via=via
        )
        for channel in list(in_force.order_by("channel").values_list("channel", flat=True))
    )
