"""What speaks for a rent: facts of the contract, the site, the calculations, the norm and the entries, with sources."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.foundation.money import ZERO, kopecks
from clientela.modules.billing.models import Payment
from clientela.modules.commission.models import Entry
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.documents.evidence import mask_phone
from clientela.modules.quotes.models import Calculation
from clientela.modules.renewals import rules as renewal_rules
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.renewals.queries import norms
from clientela.modules.rent.models import Rent
from clientela.modules.rent.queries import terms_now
from clientela.modules.rent.rules import QUOTE_DAYS, Check, Facts, judge

LONGEST = 60
USUAL = norms.Target(Decimal(0), window_months=3, grace_days=30, min_expiring=5)


def collect(policy: Policy, kept: SelfRenewal) -> dict[str, Any]:
    """By check: ``met``, and the facts it was judged by. Moments are ISO 8601 in UTC, sums are strings."""
    found = {
        Check.FIRST: _first(policy), Check.ALONE: _alone(policy, kept), Check.QUOTE: _quote(policy, kept),
        Check.LEVEL: _level(policy, kept), Check.ONCE: _once(policy),
    }  # fmt: skip
    first, alone, quote, level = (
        found[Check.FIRST], found[Check.ALONE], found[Check.QUOTE], found[Check.LEVEL],
    )  # fmt: skip
    assert policy.agent_id is not None
    answers = judge(
        Facts(
            agent_id=policy.agent_id, first_agent_id=first["agent_id"], first_channel=first["channel"],
            channel=policy.sales_channel, confirmed_at=kept.confirmed_at, begun_at=kept.begun_at,
            by_hand=alone["by_hand"], quoted_at=_moment(quote["at"]) if quote["own"] else None,
            renewed=level["renewed"], expiring=level["expiring"], least=level["least"],
            target=None if level["target"] is None else Decimal(level["target"]),
            others=found[Check.ONCE]["entries"] + found[Check.ONCE]["rents"],
        )
    )  # fmt: skip
    return {check.value: facts | {"met": answers[check]} for check, facts in found.items()}


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds") if moment else ""


def _first(policy: Policy) -> dict[str, Any]:
    """The first term of the contract; without an agent where its beginning is not in the system."""
    first = policy
    for _step in range(LONGEST):
        if first.previous_id is None:
            break
        first = Policy.objects.select_related("agent", "product").get(pk=first.previous_id)
    known = first.pk != policy.pk and first.renewal_year == 0
    agent = first.agent if known else None
    return {
        "policy_id": first.pk, "number": first.number, "on": (first.issued_at or first.created_at).date().isoformat(),
        "from": first.start_date.isoformat(), "agent_id": agent.pk if agent else None, "agent": str(agent or ""),
        "agreement": agent.agreement_number if agent else "", "channel": first.sales_channel, "known": known,
    }  # fmt: skip


def _alone(policy: Policy, kept: SelfRenewal) -> dict[str, Any]:
    by_hand = Payment.objects.filter(policy=policy, registered_by__isnull=False).exists()
    return {
        "at": _iso(kept.begun_at), "confirmed_at": _iso(kept.confirmed_at), "phone": mask_phone(kept.phone),
        "channel": policy.sales_channel, "by_hand": by_hand, "premium": str(policy.premium),
    }  # fmt: skip


def _quote(policy: Policy, kept: SelfRenewal) -> dict[str, Any]:
    """The newest price that the agent had ready before the client began; a colleague's, said so, where there is none."""
    user = policy.agent.user_id if policy.agent else None
    for by in ({"created_by": user} if user else None, {"created_by__isnull": False}):
        found = by and _prices(policy, kept, by)
        if found:
            newest = max(found, key=lambda one: (one["at"], one["kind"]))
            return newest | {"own": bool(user) and newest["by_id"] == user}
    return {
        "kind": "",
        "id": None,
        "number": "",
        "at": "",
        "premium": None,
        "by": "",
        "by_id": None,
        "own": False,
    }


def _prices(policy: Policy, kept: SelfRenewal, by: dict[str, Any]) -> list[dict[str, Any]]:
    before = {"created_at__lt": kept.begun_at} | by
    since = kept.begun_at - timedelta(days=QUOTE_DAYS)
    found = []
    of_term = Q(policy=policy.previous_id) | Q(
        policy__isnull=True, product__line=policy.product.line, created_at__gte=since
    )
    rows = Calculation.objects.filter(
        of_term, client=policy.client_id, variants__premium__isnull=False, **before
    )
    for one in rows.select_related("created_by").distinct().order_by("-created_at")[:1]:
        best = one.variants.filter(premium__isnull=False).order_by("-is_chosen", "place").first()
        found.append(_price("calculation", one, one.number, best.premium if best else None))
    for quote in Quote.objects.filter(policy=policy.previous_id, **before).select_related("created_by")[:1]:
        found.append(_price("quote", quote, quote.calculation_number, quote.premium))
    offers = Project.objects.filter(policy=policy.previous_id, **before).select_related("created_by")
    for offer in offers[:1]:
        found.append(_price("project", offer, offer.calculation_number, offer.premium))
    return found


def _price(kind: str, one: Any, number: str, premium: Decimal | None) -> dict[str, Any]:
    return {
        "kind": kind, "id": one.pk, "number": number, "at": _iso(one.created_at),
        "premium": None if premium is None else str(premium), "by": str(one.created_by or ""), "by_id": one.created_by_id,
    }  # fmt: skip


def _level(policy: Policy, kept: SelfRenewal) -> dict[str, Any]:
    """How the agent renewed on the day the client did: the norm's way of counting, against the rent's own target or the norm."""
    line, known = policy.product.line, norms.targets()
    norm = known.get((policy.agent_id, line)) or known.get((None, line))
    own = terms_now().targets.get(line)
    way, day = norm or USUAL, local_today(settings.TIME_ZONE, kept.begun_at)
    first, last = renewal_rules.norm_window(day, months=way.window_months, grace_days=way.grace_days)
    row = norms.counts(
        line=line, first=first, last=last, grace_days=way.grace_days, agent_ids=[policy.agent_id]
    ).get(policy.agent_id or 0, {"expiring": 0, "renewed": 0})
    share = renewal_rules.share(row["renewed"], row["expiring"])
    target = Decimal(own) if own is not None else norm and norm.percent
    return {
        "line": line, "renewed": row["renewed"], "expiring": row["expiring"], "least": way.min_expiring,
        "share": None if share is None else str(share), "target": None if target is None else str(target),
        "own": own is not None, "from": first.isoformat(), "to": last.isoformat(), "on": _day(day),
    }  # fmt: skip


def _day(day: date) -> str:
    return day.isoformat()


def _once(policy: Policy) -> dict[str, Any]:
    """Entries for this policy, and rents for another policy that renews the same term."""
    entries = Entry.objects.filter(policy=policy, kind__in=Entry.EARNED).exclude(kind=Entry.Kind.RENT)
    twin = Rent.objects.filter(policy__previous=policy.previous_id).exclude(policy=policy)
    rents = twin.exclude(state=Rent.State.REFUSED).count() if policy.previous_id else 0
    amount = entries.aggregate(amount=Sum("amount"))["amount"]
    return {
        "entries": entries.count(), "amount": str(kopecks(amount or ZERO)), "rents": rents, "number": policy.number,
    }  # fmt: skip
