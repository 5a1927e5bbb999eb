"""Changing a policy: what is typed is priced at once, factor by factor, before anything is made."""

from contextlib import suppress
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.contracts import operations as contracts
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations.versions import changed_from
from clientela.modules.documents.operations.making import unsaved_version
from clientela.modules.quotes.change_prices import ChangePrice, Wanted
from clientela.modules.quotes.operations import CannotBePriced, price_change
from clientela.modules.quotes.queries.products import definition_of, insured_question, names_drivers
from clientela.modules.quotes.queries.running import answers_now, questions_of_change
from clientela.modules.quotes.told import NoAnswer, understood
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.queries import change_shown
from clientela.workspace.clients.views.acting import Refused, attempt, done
from clientela.workspace.clients.views.found import posted
from clientela.workspace.policies.asked import typed
from clientela.workspace.policies.forms import EndorsementForm
from clientela.workspace.policies.forms_people import DRIVER, INSURED, PeopleForms
from clientela.workspace.policies.views import policy_of
from clientela.workspace.policies.words import change_lines, whole_of
from clientela.workspace.quotes.forms import QuestionsForm

SELL = requires(Permission.CONTRACTS_WRITE)
FIRST, CAR = "unlimited", ("plate", "vin", "body_number")
# Where in the form a person writes what the tariff lacks.
_PLACES = {"experience": "experience_since", "age": "birth_date", "kbm": "licence"}


@SELL
def endorse(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the policy from a day on, at the price that stands under the form."""
    policy = policy_of(request, pk)
    form, questions, people, known = _forms(request, policy)
    if request.method == "POST" and ("more" in request.POST or "drop" in request.POST):
        return _rows(request, people)
    price: ChangePrice | None = None
    if request.method == "POST" and all([form.is_valid(), questions.is_valid(), people.is_valid()]):
        data = form.cleaned_data
        price = _price(request, policy, _wanted(form, questions, people))
        premium = data.get("premium")
        asks = "ask" in request.POST
        if (
            not asks
            and price is not None
            and price.premium is not None
            and premium is None
            and data["shown"] != price.premium
        ):
            form.add_error(None, _("Look at the price under the form, then make the change."))
        else:

            def run(_data: dict[str, Any]) -> Any:
                values: dict[str, Any] = {
                    "actor": request.user, "now": timezone.now(), "policy": policy, "seen": data["seen"],
                    "wanted": _wanted(form, questions, people), "reason": data["reason"],
                }  # fmt: skip
                try:
                    if asks:
                        return operations.ask_change(**values)
                    return operations.endorse(
                        **values, premium=premium, shown=None if premium else data["shown"]
                    )
                except CannotBePriced as lacking:
                    _tell_row(people, lacking)
                    raise

            if attempt(form, run) is not Refused:
                told = _("The underwriter is asked") if asks else _("Policy changed")
                return done(request, policy.client, told)
    context = {
        "form": form, "client": policy.client, "action": request.path, "price": price,
        "look": reverse("policies:endorsement_price", args=[policy.pk]), "known": known,
        "people": people, **_asked(questions),
        "lines": change_lines(price) if price else [],
        "whole": whole_of(price.whole) if price and price.whole else "",
    }  # fmt: skip
    tried = request.method == "POST"
    status = 422 if tried and (form.errors or questions.errors or people.errors) else 200
    template = "policies/change.html" if request.htmx else "policies/change_page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


@SELL
@require_POST
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """What the change that stands in the form costs."""
    policy = policy_of(request, pk)
    form, questions, people, _known = _forms(request, policy)
    for one in (form, people, questions):
        one.is_valid()
    wrong = [name for name in form.errors if name not in ("reason", "premium", "__all__", "shown")]
    context: dict[str, Any] = {"price": None, "problem": ""}
    if wrong or questions.errors or people.errors:
        context["problem"] = _("Put right what is marked, then the price is counted.")
        for place in [form[name] for name in wrong] + [
            row[name] for row in people.rows for name in row.errors
        ]:
            context["problem"] = f"{place.label}: {place.errors[0]}"
            break
    else:
        try:
            wanted = _wanted(form, questions, people)
            found = price_change(actor=request.user, now=timezone.now(), policy=policy, wanted=wanted)
            context |= {
                "price": found, "lines": change_lines(found), "whole": whole_of(found.whole) if found.whole else "",
            }  # fmt: skip
        except Refusal as refusal:
            context["problem"] = str(refusal)
    sent = {name for name in request.POST if name.startswith("q-")}
    if sent != {questions.add_prefix(name) for name in questions.fields}:
        context |= _asked(questions) | {"again": True}
    return render(request, "policies/parts/change_price.html", context)


def _rows(request: HttpRequest, people: PeopleForms) -> HttpResponse:
    """The people with one row more or less; nothing is checked yet."""
    page = {"people": people.unchecked(), "action": request.path}
    answer = render(request, "policies/parts/change_people.html", page)
    return trigger_client_event(answer, "people-changed", {}, after="swap")


def _asked(questions: QuestionsForm) -> dict[str, Any]:
    return {
        "first": questions[FIRST] if FIRST in questions.fields else None, "questions": questions,
        "others": [questions[name] for name in questions.fields if name not in (FIRST, *CAR)],
        "car": [questions[name] for name in CAR if name in questions.fields],
        "car_wrong": any(name in questions.errors for name in CAR),
    }  # fmt: skip


def _tell_row(people: PeopleForms, lacking: CannotBePriced) -> None:
    """Say at the row of a driver what the tariff lacks of him."""
    head, _dot, name = lacking.field.rpartition(".")
    place = head.removeprefix("drivers.")
    row = people.driver(int(place)) if place.isdigit() else None
    field = _PLACES.get(name, "")
    if row is not None and row.is_bound and field in row.fields:
        row.add_error(field, str(lacking))
    lacking.field = ""


def _forms(request: HttpRequest, policy: Policy) -> tuple[EndorsementForm, QuestionsForm, PeopleForms, bool]:
    """The form, the product's questions with the answers of now, the people, and whether the tariff knows the contract."""
    last = unsaved_version(policy)
    if not last.pk:
        last.participants = contracts.participants_of(policy)
    day = _first_day(policy, last)
    known = False
    if policy.status == Policy.Status.ISSUED:
        now = timezone.now()
        known = price_change(actor=request.user, now=now, policy=policy, wanted=Wanted(day)).known
    answers = answers_now(policy, (last.terms or {}).get("answers") or {})
    every = questions_of_change(policy) if known else []
    asked = [one for one in every if one["key"] != "sum_insured"]
    initial = {
        "seen": last.number, "valid_from": day, "sum_insured": last.sum_insured,
        "premium": None if known else last.premium,
    }  # fmt: skip
    data = posted(request)
    if data is None:
        data = _asked_before(request, policy, last, initial)
    may_price = operations.may_set_price(caller(request), policy)
    form = EndorsementForm(data, initial=initial, known=known, may_price=may_price,
                           insures_sum=len(asked) < len(every) or last.sum_insured is not None)  # fmt: skip
    definition = definition_of(policy.product, policy.start_date)
    insures = insured_question(definition) is not None
    drives = names_drivers(definition) or not insures
    people = PeopleForms(
        data, people=last.participants, role=DRIVER if drives else INSURED, strict=known, drives=drives
    )
    return form, _questions(asked, data, answers), people, known


def _asked_before(
    request: HttpRequest, policy: Policy, last: PolicyVersion, initial: dict[str, Any]
) -> QueryDict | None:
    """What was asked of the underwriter, to be put right and asked again."""
    written = request.GET.get("change", "")
    row = change_shown(policy) if written else None
    if row is None or str(row.pk) != written:
        return None
    data = typed(row, last.participants)
    data["seen"] = str(initial["seen"])
    data["valid_from"] = max(str(data["valid_from"]), initial["valid_from"].isoformat())
    return data


def _questions(asked: list[dict[str, Any]], data: QueryDict | None, answers: dict[str, Any]) -> QuestionsForm:
    """The questions that the answers in the form call for; one that comes up shows what stands or is usual."""
    if data is None:
        return QuestionsForm(asked, saved=answers)
    said = dict(answers)
    for one in asked:
        typed = data.get(f"q-{one['key']}")
        if typed:
            with suppress(NoAnswer):
                said[str(one["key"])] = understood(one, typed)
    shown = QuestionsForm(asked, saved=said)
    filled = data.copy()
    for name, field in shown.fields.items():
        if shown.add_prefix(name) not in data and field.initial not in (None, ""):
            filled[shown.add_prefix(name)] = str(field.initial)
    return QuestionsForm(asked, filled, saved=said)


def _first_day(policy: Policy, last: PolicyVersion) -> date:
    since = changed_from(policy) if last.pk else policy.start_date
    today = local_today(policy.client.time_zone, timezone.now())
    return min(max(today, policy.start_date, since), policy.end_date)


def _wanted(form: EndorsementForm, questions: QuestionsForm, people: PeopleForms) -> Wanted:
    data = form.cleaned_data
    return Wanted(data["valid_from"], people.named(), questions.answers(), data.get("sum_insured"))


def _price(request: HttpRequest, policy: Policy, wanted: Wanted) -> ChangePrice | None:
    try:
        return price_change(actor=request.user, now=timezone.now(), policy=policy, wanted=wanted)
    except Refusal:
        return None
