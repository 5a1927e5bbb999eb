"""A claim goes a step: the step is kept and the client told of it at once, with the link to follow it."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, override

from clientela.foundation.ui.formats import full_date, money
from clientela.modules.claims.models import Claim, ClaimStep
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.operations import queue_message

ORIGIN = "claims.step"
_LONGEST = 200


def link_of(claim: Claim) -> str:
    """Where the client sees how the claim stands; empty for those from before there was such a page."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/claim/{claim.token}/" if claim.token else ""


def step(claim: Claim, *, actor: Any, now: datetime, note: str = "", tell: bool = True) -> ClaimStep:
    """Keep where the claim is now, and queue what the client is told, in the transaction of the change itself."""
    if not claim.token:
        claim.token = secrets.token_urlsafe(24)
        claim.save(update_fields=["token"])
    made = ClaimStep.objects.create(claim=claim, status=claim.status, at=now, by=actor, note=note[:500])
    if tell:
        _tell(claim, made, now=now)
    return made


def _tell(claim: Claim, made: ClaimStep, *, now: datetime) -> None:
    client = claim.client
    with override(client.language):
        subject = gettext("Your claim %(number)s") % {"number": claim.number}
        text = f"{settings.COMPANY_NAME}: {_text(claim)} {link_of(claim)}"
    reachable = ContactPoint.objects.filter(client=client, do_not_use=False, bad_since=None)
    channel = "sms" if reachable.filter(kind="phone").exists() else "email"
    queue_message(
        now=now, actor=None, client=client, channel=channel, subject=subject, text=text, origin=ORIGIN, origin_id=made.pk
    )  # fmt: skip


def _text(claim: Claim) -> str:
    language, State = claim.client.language, Claim.Status
    values = {
        "number": claim.number, "day": full_date(claim.due_on, language) if claim.due_on else "",
        "person": claim.assignee or "", "wanted": claim.wanted[:_LONGEST], "reason": claim.reason[:_LONGEST],
        "sum": money(claim.amount, language),
    }  # fmt: skip
    match claim.status:
        case State.REPORTED:
            return (
                gettext(
                    "we have your notice, claim %(number)s. We decide and pay by %(day)s. Follow it here:"
                )
                % values
            )
        case State.WORK:
            return gettext("%(person)s works on your claim %(number)s. Follow it here:") % values
        case State.WAITING:
            return (
                gettext("for your claim %(number)s we need: %(wanted)s. Photos are enough, send them here:")
                % values
            )
        case State.PAID:
            return gettext("your claim %(number)s is decided: %(sum)s is paid. Follow it here:") % values
        case _:
            return gettext("your claim %(number)s is refused: %(reason)s. More here:") % values
