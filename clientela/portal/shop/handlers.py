"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, override

from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.events import DocumentReady
from clientela.modules.documents.models import Document, Kind
from clientela.modules.underwriting.events import ReferralChanged
from clientela.modules.underwriting.models import Referral
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.operations import link_of, paid
from clientela.portal.shop.operations.keeping import KEPT_FOR
from clientela.portal.shop.papers import ORIGIN

DECISION = "shop.decision"


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


def on_policy_issued(event: PolicyIssued, *, now: datetime) -> None:
    """It may be bought in the shop: nobody has to call about it any more."""
    paid(now=now, policy=Policy.objects.select_related("client", "product").get(pk=event.policy_id))


def on_referral(event: ReferralChanged, *, now: datetime) -> None:
    """The photos of a purchase were looked at: the buyer hears what was decided, once."""
    if event.state not in (Referral.State.ACCEPTED, Referral.State.DECLINED):
        return
    rows = Purchase.objects.select_related("client", "product")
    purchase = rows.filter(calculation=event.calculation_id, state=Purchase.State.PHOTOS).first()
    if purchase is None or purchase.client is None:
        return
    Purchase.objects.filter(pk=purchase.pk).update(expires_at=now + KEPT_FOR)
    phone = ContactPoint.objects.filter(
        client=purchase.client, kind="phone", value=purchase.confirmed_phone
    ).first()
    with override(purchase.language):
        values = {
            "product": purchase.product.message_name,
            "link": link_of(purchase),
            "phone": settings.SHORT_NUMBER,
        }
        if event.state == Referral.State.ACCEPTED:
            text = (
                gettext("We looked at your photos: all is well. Pay for %(product)s here: %(link)s") % values
            )
        else:
            text = (
                gettext("We looked at your photos and cannot insure the car online. Call us: %(phone)s")
                % values
            )
        queue_message(
            now=now, actor=None, client=purchase.client, channel="sms", text=text, contact_point=phone,
            origin=DECISION, origin_id=event.referral_id,
        )  # fmt: skip
