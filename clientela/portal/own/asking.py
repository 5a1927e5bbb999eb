"""What a client cannot do alone becomes a request, tied to the card and told to the agent."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, override

from clientela.modules.contracts.models import Policy
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import Incoming, receive

ORIGIN = "own:renew"


def ask_call(*, now: datetime, policy: Policy, phone: str) -> Request:
    """Have a colleague call about the renewal; asked for twice it is the same request."""
    with override(settings.LANGUAGE_CODE):
        text = gettext("Wants to renew %(number)s, which ends soon; asks for a call") % {
            "number": policy.number
        }
    return _receive(now, policy, phone, text, f"{ORIGIN}:{policy.pk}")


def tell_changes(*, now: datetime, policy: Policy, phone: str, text: str) -> Request:
    """Tell the agent what is not as it was; the same words twice are one request."""
    with override(settings.LANGUAGE_CODE):
        told = gettext("Renewal of %(number)s, what has changed: %(text)s") % {
            "number": policy.number,
            "text": text,
        }
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return _receive(now, policy, phone, told, f"{ORIGIN}:{policy.pk}:{digest}")


def _receive(now: datetime, policy: Policy, phone: str, text: str, origin: str) -> Request:
    return receive(actor=None, now=now, incoming=Incoming(
        source=Request.Source.WEB, name=policy.client.name, phone=phone, product=policy.product, text=text,
        about=str(policy.insured_object or "")[:120], client_id=policy.client_id, origin=origin,
    ))  # fmt: skip
