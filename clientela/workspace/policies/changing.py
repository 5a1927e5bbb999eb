"""Changing a policy: what is typed is priced at once, factor by factor, before anything is made."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.contracts import operations as contracts
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations.versions import changed_from
from clientela.modules.documents.operations.making import unsaved_version
from clientela.modules.quotes.change_prices import ChangePrice, Wanted
from clientela.modules.quotes.operations import CannotBePriced, price_change
from clientela.modules.quotes.queries.running import answers_now, questions_of_change
from clientela.modules.underwriting import operations
from clientela.workspace.clients.views.acting import Refused, attempt, done
from clientela.workspace.clients.views.found import posted
from clientela.workspace.policies.forms import EndorsementForm
from clientela.workspace.policies.views import policy_of
from clientela.workspace.policies.words import change_lines, whole_of
from clientela.workspace.quotes.forms import QuestionsForm

SELL = requires(Permission.CONTRACTS_WRITE)
FIRST = "unlimited"
# Where in the form a person writes what the tariff lacks.
_PLACES = {"experience": "experience_since", "age": "birth_date", "kbm": "licence"}


@SELL
def endorse(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the policy from a day on, at the price that stands under the form."""
    policy = policy_of(request, pk)
    form, questions, known = _forms(request, policy)
    price: ChangePrice | None = None
    if request.method == "POST" and form.is_valid() and questions.is_valid():
        data = form.cleaned_data
        price = _price(request, policy, form, questions)
        premium = data.get("premium")
        if (
            price is not None
            and price.premium is not None
            and premium is None
            and data["shown"] != price.premium
        ):
            form.add_error(None, _("Look at the price under the form, then make the change."))
        else:

            def run(_data: dict[str, Any]) -> Any:
                try:
                    return operations.endorse(
                        actor=request.user, now=timezone.now(), policy=policy, wanted=_wanted(form, questions),
                        reason=data["reason"], premium=premium, seen=data["seen"],
                        shown=None if premium else data["shown"],
                    )  # fmt: skip
                except CannotBePriced as lacking:
                    lacking.field = _PLACES.get(lacking.field.rpartition(".")[2], "")
                    raise

            if attempt(form, run) is not Refused:
                return done(request, policy.client, _("Policy changed"))
    context = {
        "form": form, "client": policy.client, "action": request.get_full_path(), "price": price,
        "look": reverse("policies:endorsement_price", args=[policy.pk]), "known": known,
        "first": questions[FIRST] if FIRST in questions.fields else None,
        "others": [questions[name] for name in questions.fields if name != FIRST], "questions": questions,
        "lines": change_lines(price) if price else [],
        "whole": whole_of(price.whole) if price and price.whole else "",
    }  # fmt: skip
    status = 422 if form.errors or questions.errors else 200
    template = "policies/change.html" if request.htmx else "policies/change_page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


@SELL
@require_POST
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """What the change that stands in the form costs."""
    policy = policy_of(request, pk)
    form, questions, _known = _forms(request, policy)
    form.is_valid()
    wrong = [name for name in form.errors if name not in ("reason", "premium", "__all__", "shown")]
    context: dict[str, Any] = {"price": None, "problem": ""}
    if wrong or not questions.is_valid():
        context["problem"] = _("Put right what is marked, then the price is counted.")
        for one in wrong:
            context["problem"] = f"{form.fields[one].label}: {form.errors[one][0]}"
    else:
        try:
            wanted = _wanted(form, questions)
            found = price_change(actor=request.user, now=timezone.now(), policy=policy, wanted=wanted)
            context |= {
                "price": found, "lines": change_lines(found), "whole": whole_of(found.whole) if found.whole else "",
            }  # fmt: skip
        except Refusal as refusal:
            context["problem"] = str(refusal)
    return render(request, "policies/parts/change_price.html", context)


def _forms(request: HttpRequest, policy: Policy) -> tuple[EndorsementForm, QuestionsForm, bool]:
    """The form, the product's questions with the answers of now, and whether the tariff knows the contract."""
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
    may_price = operations.may_set_price(caller(request), policy)
    form = EndorsementForm(data, initial=initial, version=last, known=known, may_price=may_price,
                           insures_sum=len(asked) < len(every) or last.sum_insured is not None)  # fmt: skip
    return form, QuestionsForm(asked, data, saved=answers), known


def _first_day(policy: Policy, last: PolicyVersion) -> date:
    since = changed_from(policy) if last.pk else policy.start_date
    today = local_today(policy.client.time_zone, timezone.now())
    return min(max(today, policy.start_date, since), policy.end_date)


def _wanted(form: EndorsementForm, questions: QuestionsForm) -> Wanted:
    data = form.cleaned_data
    return Wanted(data["valid_from"], form.named(), questions.answers(), data.get("sum_insured"))


def _price(
    request: HttpRequest, policy: Policy, form: EndorsementForm, questions: QuestionsForm
) -> ChangePrice | None:
    try:
        wanted = _wanted(form, questions)
        return price_change(actor=request.user, now=timezone.now(), policy=policy, wanted=wanted)
    except Refusal:
        return None
