"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, override

from clientela.modules.contacts.operations import queue_message
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.events import DocumentReady
from clientela.modules.documents.models import Document, Kind
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import sold
from clientela.portal.own.asking import ORIGIN

MAIL = "own.policy"


def on_document_ready(event: DocumentReady, *, now: datetime) -> None:
    """The policy of who renewed alone is made: they get the way to it by e-mail, once."""
    if event.policy_id is None or event.state != Document.State.READY:
        return
    document = Document.objects.select_related("policy__client", "version").get(pk=event.document_id)
    policy = document.policy
    if (
        policy is None
        or document.kind != Kind.POLICY
        or document.version is None
        or document.version.number != 1
    ):
        return
    if not SelfRenewal.objects.filter(project__next_policy=policy).exists():
        return
    path = reverse("own:policy_file", args=[policy.pk])
    with override(policy.client.language):
        text = gettext("Your policy %(number)s is ready. Open and keep it: %(link)s") % {
            "number": policy.number, "link": f"{settings.PUBLIC_URL.rstrip('/')}{path}",
        }  # fmt: skip
        queue_message(
            now=now, actor=None, client=policy.client, channel="email", text=text,
            subject=gettext("Your policy of %(company)s") % {"company": settings.COMPANY_NAME}, origin=MAIL,
            origin_id=policy.pk,
        )  # fmt: skip


def on_policy_issued(event: PolicyIssued, *, now: datetime) -> None:
    """The next term is there: what was asked about its renewal is over."""
    if event.previous_id is None:
        return
    policy = Policy.objects.get(pk=event.policy_id)
    origin = f"{ORIGIN}:{event.previous_id}"
    mine = Request.objects.filter(client=policy.client_id)
    rows = mine.filter(origin=origin) | mine.filter(origin__startswith=f"{origin}:")
    for request in rows.order_by("pk"):
        sold(now=now, request_id=request.pk, number=policy.number, deal_id=None)
