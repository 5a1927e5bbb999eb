"""The page of one policy, and its documents."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.private_files import private_download
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.billing.models import Instalment, Refund
from clientela.modules.claims.models import Claim
from clientela.modules.clients.operations import record_read
from clientela.modules.contracts.models import Participant, Policy, PolicyVersion
from clientela.modules.contracts.price_words import worded, words_of
from clientela.modules.contracts.queries import version_in_force
from clientela.modules.documents.models import Document
from clientela.modules.documents.operations.making import unsaved_version
from clientela.modules.products.queries import name_of
from clientela.modules.underwriting.queries import change_shown
from clientela.workspace.clients.views.card import address_of
from clientela.workspace.policies.asked import shown
from clientela.workspace.policies.car import card_of
from clientela.workspace.policies.paper_words import deliveries_of, signatures_of
from clientela.workspace.policies.words import version_line

RELATED = ("client", "product", "insured_object", "bank", "agent", "branch", "previous")


def policy_of(request: HttpRequest, pk: int) -> Policy:
    """Within the person's scope; anything else is 404."""
    return get_object_or_404(Policy.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


@requires(Permission.CONTRACTS_READ)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """Terms, people, coverages, premium, payments; at the side the versions and the documents."""
    found, now = policy_of(request, pk), timezone.now()
    if not request.htmx:  # type: ignore[attr-defined]
        record_read(actor=request.user, now=now, client=found.client, address=address_of(request))
    may = caller(request)
    today = local_today(found.client.time_zone, now)
    context = _context(found, today) | {
        "signatures": signatures_of(found, now),
        "deliveries": deliveries_of(found),
        "may_sell": may.can(Permission.CONTRACTS_WRITE),
        "may_pay": may.can(Permission.PAYMENTS_WRITE),
        "may_report": may.can(Permission.CLAIMS_WRITE),
    }
    template = "policies/parts/policy.html" if request.htmx else "policies/policy.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _context(policy: Policy, today: date) -> dict[str, Any]:
    versions = list(PolicyVersion.objects.filter(policy=policy).select_related("by"))
    last = versions[-1] if versions else unsaved_version(policy)
    current = version_in_force(policy, today) or last
    ahead = [
        one
        for one in versions
        if one.kind == PolicyVersion.Kind.ENDORSEMENT
        and one.valid_from > today
        and policy.status == Policy.Status.ISSUED
    ]
    papers = list(Document.objects.filter(policy=policy).select_related("version")[:50])
    money = schedule_of(policy)
    return {
        "policy": policy,
        "product_name": name_of(policy.product),
        "version": current,
        "charged": last.charged,
        "versions": [version_line(one) for one in reversed(versions or [last])],
        "people": people_of(current) or [
            {"role": person.get_role_display(), "name": person.name, "born": person.birth_date, "since": person.experience_since}
            for person in policy.participants.order_by("role", "id")
        ],
        "ahead": [ahead_of(one, policy) for one in ahead],
        "coverages": [_sums(row) for row in (current.terms or {}).get("coverages") or []],
        "factors": factors_of(current, policy),
        "tariff": (current.terms or {}).get("tariff", ""),
        "schedule": money,
        "documents": papers,
        "has_ready": any(one.state == Document.State.READY for one in papers),
        "asked": shown(change) if (change := change_shown(policy)) else None,
        "card": card_of(policy, today),
        "claims": list(Claim.objects.filter(policy=policy)[:20]),
        "renewed": Policy.objects.filter(previous=policy).exclude(status=Policy.Status.CANCELLED).first(),
        "in_force": policy.status == Policy.Status.ISSUED,
        "is_owed": policy.status == Policy.Status.ISSUED and any(part["left"] > 0 for part in money["parts"]),
        "may_come_back": policy.status == Policy.Status.CANCELLED and policy.end_date >= today,
    }  # fmt: skip


def people_of(version: PolicyVersion) -> list[dict[str, Any]]:
    """Who is named in a version."""
    roles = dict(Participant.Role.choices)
    return [_person(one, roles) for one in version.participants]


def factors_of(version: PolicyVersion, policy: Policy) -> list[dict[str, Any]]:
    """How the price of a version came about, in the reader's language."""
    lines = (version.terms or {}).get("factors") or []
    words = words_of(policy.product.code, policy.start_date) if lines else None
    if words is None:
        return []
    return [
        _sums(row) | {"value": formats.factor(row.get("value"), language()), "rate": words.is_rate(row)}
        for row in worded(lines, words)
        if not words.only_rounds(row)
    ]


def ahead_of(version: PolicyVersion, policy: Policy) -> dict[str, Any]:
    """What was agreed ahead: from which day, who is named then, how it was priced."""
    return {
        "version": version, "from_day": formats.full_date(version.valid_from, language()),
        "people": people_of(version), "factors": factors_of(version, policy), "tariff": (version.terms or {}).get("tariff", ""),
    }  # fmt: skip


def schedule_of(policy: Policy) -> dict[str, Any]:
    """The parts of the premium with what was paid, and what goes back to the client."""
    ended = policy.status == Policy.Status.CANCELLED
    parts = [
        {"row": part, "left": part.amount - part.paid, "over": ended and part.paid < part.amount}
        for part in Instalment.objects.filter(policy=policy)
    ]
    refunds = list(Refund.objects.filter(payment__policy=policy).order_by("created_at", "pk"))
    return {"parts": parts, "refunds": refunds}


def _person(one: dict[str, Any], roles: dict[str, Any]) -> dict[str, Any]:
    return {
        "role": roles.get(one["role"], one["role"]), "name": one["name"],
        "born": _day(one.get("birth_date")), "since": _day(one.get("experience_since")),
    }  # fmt: skip


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _sums(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the terms with its sums as numbers; what is no number stays text."""
    return row | {name: _number(row.get(name)) for name in ("sum_insured", "amount", "running")}


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None


@requires(Permission.CONTRACTS_READ)
def paper(request: HttpRequest, paper_id: int) -> FileResponse:
    """The PDF of a document; noted in the journal."""
    rows = Document.objects.visible_to(request.user).select_related("policy", "project__product")
    found = get_object_or_404(rows, pk=paper_id, state=Document.State.READY)
    record(actor=request.user, now=timezone.now(), action="document.downloaded", obj=found)
    return private_download(found.file, f"{found}.pdf".replace("/", "-"))
