"""A request comes: it is kept once, joined to an earlier one or new, put to a card, counted and shared out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.outbox.operations import publish
from clientela.foundation.phones import normalize
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.operations.newcomers import home_branch
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
from clientela.modules.requests.events import RequestCame
from clientela.modules.requests.models import ConsentText, Intake, Policy, Request, ScoreRule, Step
from clientela.modules.requests.operations.cards import card_for, consented
from clientela.modules.requests.operations.sharing import share
from clientela.modules.requests.operations.times import promised
from clientela.modules.requests.rules import score, temperature
from clientela.modules.routing.queries import working_hours
from clientela.modules.routing.rules import in_time

# What was marked as spam from a phone stays spam for so long.
SPAM_KEPT = timedelta(days=30)
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")


class NoContact(Refusal):
    """Nobody could be answered."""

    message = _("A request needs a client, a phone or an e-mail.")
    field = "phone"


@dataclass(frozen=True)
class Incoming:
    """What is known of a request when it comes. ``client_id`` only where the card is known for certain."""

    source: str
    name: str = ""
    phone: str = ""
    email: str = ""
    product: Product | None = None
    about: str = ""
    text: str = ""
    answers: Sequence[Mapping[str, str]] = ()
    intake: Intake | None = None
    partner: str = ""
    branch: Branch | None = None
    client_id: int | None = None
    possible: Sequence[int] = ()
    utm: Mapping[str, str] = field(default_factory=dict)
    referrer: str = ""
    page: str = ""
    consent: ConsentText | None = None
    conversation: Conversation | None = None
    call: Call | None = None
    origin: str | None = None
    assignee_id: int | None = None


@transaction.atomic
def receive(*, actor: Any, now: datetime, incoming: Incoming) -> Request:
    """Keep a request. The same ``origin`` twice is one request; the same phone and product join an open one.

    Raises ``NoContact``, PermissionDenied.
    """
    ensure(actor, Permission.REQUESTS_WRITE)
    phone, email = normalize(incoming.phone) or "", incoming.email.strip().lower()[:254]
    if not (phone or email or incoming.client_id or incoming.possible):
        raise NoContact
    one_at_a_time("requests.coming")
    if incoming.origin and (known := Request.objects.filter(origin=incoming.origin).first()):
        return known
    policy, product = Policy.now(), incoming.product or (incoming.intake.product if incoming.intake else None)
    branch = incoming.branch or (incoming.intake.branch if incoming.intake else None) or home_branch()
    assert branch is not None, "a company has a branch"
    client_id, possible = incoming.client_id, list(incoming.possible)
    if client_id is None and not possible:
        client_id, possible = card_for(incoming.name, phone, email, branch, now=now)
    earlier = _earlier(policy, product, phone, client_id, now)
    if earlier is not None:
        return _join(earlier, incoming, policy, now)
    client = Client.objects.select_related("branch").filter(pk=client_id or 0).first()
    request = Request(
        source=incoming.source, intake=incoming.intake, product=product, client=client, possible=possible,
        partner=(incoming.partner or (incoming.intake.partner if incoming.intake else ""))[:80],
        agent_id=client.agent_id if client else None, branch=client.branch if client else branch,
        centre_id=client.centre_id if client else None, name=incoming.name.strip()[:160] or (client.name[:160] if client else ""),
        phone=phone, email=email, about=incoming.about.strip()[:120], text=incoming.text.strip()[:4000],
        answers=[dict(one) for one in incoming.answers][:40], utm=_utm(incoming.utm), referrer=incoming.referrer[:400],
        page=incoming.page[:400], consent=incoming.consent, consent_at=now if incoming.consent else None,
        conversation=incoming.conversation, call=incoming.call, origin=incoming.origin, came_at=now, created_at=now,
        at_marketing=bool(incoming.intake and incoming.intake.to_marketing),
    )  # fmt: skip
    request.due_at = promised(request, now=now)
    count(request, policy, now=now)
    request.save(force_insert=True)
    Step.objects.create(request=request, kind=Step.Kind.CAME, at=now, by=actor, text=request.source)
    record(
        actor=actor, now=now, action="request.came", obj=request, changes={"source": [None, request.source]}
    )
    consented(request, now=now)
    if _is_spam(phone, now):
        request.state, request.reason, request.closed_at = Request.State.CLOSED, Request.Reason.SPAM, now
        request.save(update_fields=["state", "reason", "closed_at"])
        Step.objects.create(request=request, kind=Step.Kind.CLOSED, at=now, text=request.reason)
        return request
    share(request, now=now, to=incoming.assignee_id, by=actor)
    publish(RequestCame(request.pk, request.client_id, _people(request)), now=now)
    return request


def count(request: Request, policy: Policy, *, now: datetime) -> None:
    """Give the request its points, with their reasons."""
    hours, zone = working_hours(), ZoneInfo(request.branch.time_zone)
    facts = {
        "source": request.source, "product": request.product.line if request.product else "",
        "known": "yes" if request.client_id and request.client and request.client.created_at < request.created_at - timedelta(hours=1) else "",
        "times": "yes" if request.times > 1 else "", "phone": request.phone, "email": request.email,
        "text": f"{request.text} {request.about}".strip(), "partner": request.partner, "page": request.page,
        "answers": " ".join(str(one.get("value", "")) for one in request.answers),
        "working_time": "yes" if in_time(now, 1, live=False, zone=zone, hours=hours) == now + timedelta(seconds=1) else "",
        **request.utm,
    }  # fmt: skip
    rules = [row.rule for row in ScoreRule.objects.filter(is_active=True)]
    request.score, request.reasons = score(rules, facts)
    request.temperature = temperature(request.score, warm_from=policy.warm_from, hot_from=policy.hot_from)


def _utm(given: Mapping[str, str]) -> dict[str, str]:
    return {name: str(given[name])[:120] for name in UTM if given.get(name)}


def _earlier(
    policy: Policy, product: Product | None, phone: str, client_id: int | None, now: datetime
) -> Request | None:
    """An open request of the same person for the same product that came lately."""
    rows = Request.objects.select_for_update(of=("self",)).open()
    rows = rows.filter(came_at__gte=now - timedelta(days=policy.join_days), product=product)
    if phone:
        found = rows.filter(phone=phone).order_by("-created_at").first()
        if found is not None:
            return found
    return rows.filter(client=client_id).order_by("-created_at").first() if client_id else None


def _join(request: Request, incoming: Incoming, policy: Policy, now: datetime) -> Request:
    """The earlier request is asked once more: what is new is added, and it is counted anew."""
    request.times, request.came_at = request.times + 1, now
    said = incoming.text.strip()
    if said and said not in request.text:
        request.text = f"{request.text}\n{said}".strip()[:4000]
    known = {one.get("key") for one in request.answers}
    request.answers = [
        *request.answers,
        *[dict(one) for one in incoming.answers if one.get("key") not in known],
    ][:40]
    request.utm = {**_utm(incoming.utm), **request.utm}
    request.about = request.about or incoming.about.strip()[:120]
    request.conversation = request.conversation or incoming.conversation
    request.call = request.call or incoming.call
    count(request, policy, now=now)
    request.save()
    Step.objects.create(
        request=request,
        kind=Step.Kind.JOINED,
        at=now,
        text=f"{incoming.source}: {said}"[:500],
    )
    publish(RequestCame(request.pk, request.client_id, _people(request), again=True), now=now)
    return request


def _is_spam(phone: str, now: datetime) -> bool:
    spam = Request.objects.filter(phone=phone, reason=Request.Reason.SPAM, created_at__gte=now - SPAM_KEPT)
    return bool(phone) and spam.exists()


def _people(request: Request) -> list[int]:
    return [request.assignee_id] if request.assignee_id else []
