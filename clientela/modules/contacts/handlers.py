"""Reactions to events of lower modules."""

from datetime import datetime

from clientela.modules.clients.events import ContactabilityChanged
from clientela.modules.clients.models import Client
from clientela.modules.contacts.operations import drop_queued
from clientela.modules.contacts.rules import Check, Code


def on_contactability(event: ContactabilityChanged, *, now: datetime) -> None:
    """Drop what waits for a client who asked not to be contacted.

    Every other change needs nothing here: each message is judged again, with fresh facts, when it is sent.
    """
    client = Client.objects.filter(pk=event.client_id, do_not_contact=True).first()
    if client is not None:
        check = Check(Code.DO_NOT_CONTACT, False, {"reason": client.do_not_contact_reason})
        drop_queued(now=now, client_id=client.pk, check=check)
