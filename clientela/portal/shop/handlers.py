"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, override

from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.operations import queue_message
from clientela.modules.documents.events import DocumentReady
from clientela.modules.documents.models import Document, Kind
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.operations import link_of

ORIGIN = "shop.policy"


def on_document_ready(event: DocumentReady, *, now: datetime) -> None:
    """The policy of a purchase is made: the buyer gets the link to it by e-mail, once."""
    if event.policy_id is None or event.state != Document.State.READY:
        return
    document = Document.objects.select_related("policy", "version").get(pk=event.document_id)
    if document.kind != Kind.POLICY or document.version is None or document.version.number != 1:
        return
    rows = Purchase.objects.select_related("client", "product")
    purchase = rows.filter(calculation__project__next_policy=event.policy_id).first()
    if purchase is None or purchase.client is None or document.policy is None:
        return
    email = ContactPoint.objects.filter(
        client=purchase.client, kind="email", value=purchase.person["email"].lower()
    ).first()
    with override(purchase.language):
        text = gettext("Your policy %(number)s is ready. Open and keep it: %(link)s") % {
            "number": document.policy.number, "link": link_of(purchase),
        }  # fmt: skip
        queue_message(
            now=now, actor=None, client=purchase.client, channel="email", text=text, contact_point=email,
            subject=gettext("Your policy of %(company)s") % {"company": settings.COMPANY_NAME}, origin=ORIGIN,
            origin_id=purchase.pk,
        )  # fmt: skip
