"""A change that an underwriter is asked about: what stands on the pages, made or taken back by the seller."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Participant
from clientela.modules.quotes.change_prices import Step
from clientela.modules.quotes.queries.running import person_key, questions_of_change
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.changes import first_day
from clientela.modules.underwriting.models import ChangeReferral
from clientela.workspace.clients.views.acting import done
from clientela.workspace.policies.words import step_lines
from clientela.workspace.quotes.words import said

SELL = requires(Permission.CONTRACTS_WRITE)
OPEN = (ChangeReferral.State.WAITING, ChangeReferral.State.ACCEPTED)
KINDS = {"waiting": "warn", "accepted": "good", "declined": "bad", "returned": "info", "stale": "warn"}


def shown(row: ChangeReferral) -> dict[str, Any]:
    """The change with its words in the reader's language."""
    begins = (
        first_day(row, timezone.now()) if row.state in OPEN else date.fromisoformat(row.wanted["valid_from"])
    )
    return {
        "row": row, "kind": KINDS.get(row.state, ""), "lines": step_lines([_step(one) for one in row.steps]),
        "changes": changed_words(row), "from_day": _day(begins.isoformat()), "loaded": row.loading != 1,
        "factor": formats.factor(row.loading, language()),
        "passed": begins.isoformat() != row.wanted["valid_from"], "again": row.state in ("accepted", "declined", "returned", "stale"),
    }  # fmt: skip


def changed_words(row: ChangeReferral) -> list[tuple[str, str]]:
    """What becomes otherwise: what it is about, and what it was and will be."""
    asked = {str(one["key"]): one for one in questions_of_change(row.policy)}
    found = []
    for one in row.changes:
        match one["what"]:
            case "in":
                found.append((pgettext("person", "Put in"), _person(one["after"])))
            case "out":
                found.append((pgettext("person", "Taken out"), _person(one["before"])))
            case "person":
                found.append(
                    (pgettext("person", "Put right"), f"{_person(one['before'])} → {_person(one['after'])}")
                )
            case "sum":
                found.append((_("Sum insured"), " → ".join(_sum(one[name]) for name in ("before", "after"))))
            case "answer" if one["key"] in asked:
                question = asked[one["key"]]
                values = [_answer(question, one[name]) for name in ("before", "after")]
                found.append((str(said(question, "title")), " → ".join(values)))
    return found


def typed(row: ChangeReferral, people: list[dict[str, Any]]) -> QueryDict:
    """The form as it was filled, for who asks again: ``people`` are those of the policy now."""
    kept, data = row.wanted, QueryDict(mutable=True)
    data.update({"valid_from": kept["valid_from"], "reason": row.reason})
    if kept["sum_insured"]:
        data["sum_insured"] = formats.number(Decimal(kept["sum_insured"]), language(), 2)
    for key, value in kept["answers"].items():
        data[f"q-{key}"] = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if kept["participants"] is None:
        return data
    wanted = {person_key(one): one for one in kept["participants"]}
    for place, person in enumerate(people):
        one = wanted.pop(person_key(person), None)
        _fill(data, f"was-{place}", one or person)
        if one is None:
            data[f"was-{place}-gone"] = "on"
    for place, one in enumerate(wanted.values()):
        data.appendlist("new", str(place))
        _fill(data, f"new-{place}", one)
    return data


def _fill(data: QueryDict, prefix: str, person: dict[str, Any]) -> None:
    for name in ("role", "name", "birth_date", "experience_since", "licence"):
        data[f"{prefix}-{name}"] = str(person.get(name) or "")


@require_POST
@SELL
def make(request: HttpRequest, change_referral_id: int) -> HttpResponse:
    """Make what the underwriter accepted."""
    row = _find(request, change_referral_id)
    try:
        operations.make_change(actor=request.user, now=timezone.now(), change=row)
    except Refusal as refusal:
        return _refused(request, row, refusal)
    return _back(request, row, _("Policy changed"))


@require_POST
@SELL
def withdraw(request: HttpRequest, change_referral_id: int) -> HttpResponse:
    """Take back what was asked."""
    row = _find(request, change_referral_id)
    try:
        operations.withdraw_change(actor=request.user, now=timezone.now(), change=row)
    except Refusal as refusal:
        return _refused(request, row, refusal)
    return _back(request, row, pgettext("referral", "Taken back"))


def _find(request: HttpRequest, change_referral_id: int) -> ChangeReferral:
    rows = ChangeReferral.objects.visible_to(request.user).select_related("policy__client")
    return get_object_or_404(rows, pk=change_referral_id)


def _back(request: HttpRequest, row: ChangeReferral, text: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return done(request, row.policy.client, text)
    return redirect("policies:policy", row.policy_id)


def _refused(request: HttpRequest, row: ChangeReferral, refusal: Refusal) -> HttpResponse:
    """Why it is not done: the page looks again, for somebody else was faster."""
    answer = HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
    return trigger_client_event(answer, "card-changed", {})


def _step(one: dict[str, Any]) -> Step:
    numbers = {
        name: Decimal(one[name]) if one[name] is not None else None for name in ("before", "after", "effect")
    }
    return Step(**one | numbers)


def _person(one: dict[str, Any]) -> str:
    role = dict(Participant.Role.choices).get(one["role"], one["role"])
    day = _day(one["birth_date"]) if one["birth_date"] else ""
    since = _day(one["experience_since"]) if one["experience_since"] else ""
    born = _("born %(day)s") % {"day": day} if day else ""
    drives = _("drives since %(day)s") % {"day": since} if since else ""
    return ", ".join(part for part in (str(one["name"]), str(role).lower(), born, drives) if part)


def _day(text: str) -> str:
    return formats.full_date(date.fromisoformat(text), language())


def _sum(value: Any) -> str:
    return formats.money(Decimal(str(value)), language()) if value not in (None, "") else "—"


def _answer(question: dict[str, Any], value: Any) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    titles = {str(one["value"]): one for one in question.get("choices", []) if isinstance(one, dict)}
    return str(said(titles[str(value)], "title")) if str(value) in titles else str(value)
