"""Acts of the one window that ask for something first."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.names import name_key
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.vin import looked
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.billing.models import Payment
from clientela.modules.billing.operations import register_payment
from clientela.modules.quotes import operations
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.changing import DRIVER_FIELDS
from clientela.modules.quotes.queries.products import definition_of, insured_question
from clientela.modules.quotes.rules import MOST_DRIVERS, MOST_INSURED
from clientela.workspace.quotes.family import Relative, drivers_in_family, insured_in_family, typed_rows
from clientela.workspace.quotes.forms import (
    DriverSet,
    InsuredSet,
    SubjectForm,
    TermForm,
    WordsForm,
)
from clientela.workspace.quotes.household import things_of
from clientela.workspace.quotes.payment import payment_of
from clientela.workspace.quotes.said import thing_of_request
from clientela.workspace.quotes.views.base import acted, body, dialog, find, refused, version_of, who
from clientela.workspace.quotes.window import Window
from clientela.workspace.quotes.words import said

FORMS = ["GET", "HEAD", "POST"]
INSURED_FIELDS = ("name", "birth_date")


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_safe
@requires(Permission.CONTRACTS_WRITE)
def vin(request: HttpRequest) -> HttpResponse:
    """What stands under the field of a VIN: a word of doubt, or what a VIN is."""
    return looked(request)


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def subject(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """The thing insured."""
    calculation = find(request, calculation_id)
    kind = Window(calculation, today=calculation.starts_on).subject_kind
    things = things_of(calculation.client, kind)
    chosen = next((one for one in things if one.key == request.GET.get("thing")), None)
    initial = calculation.subject if chosen is None else chosen.values
    told = thing_of_request(calculation, caller(request), calculation.subject) if kind == "vehicle" else None
    if told is not None and request.GET.get("thing") == told.key:
        initial = calculation.subject | told.values
    form = SubjectForm(_data(request), kind=kind, initial=initial)
    if told is not None and request.GET.get("thing") == told.key:
        form.tell_origin(told.values, pgettext("field", "from the request"))
    if form.is_bound and form.is_valid():
        values = {"kind": kind if kind in ("vehicle", "flat", "house", "life") else "other"} | form.values()
        return acted(request, calculation, lambda: operations.change(
            **who(request), calculation=calculation, version=version_of(request), subject=values,
        ))  # fmt: skip
    return dialog(
        request, calculation, "form", _("What is insured"), form=form, action=request.path, verb=_("Keep"),
        things=[one for one in things if one.title != initial.get("title")], told=told,
    )  # fmt: skip


@dataclass(frozen=True)
class People:
    """A dialog of rows of people: what they are in the form and in the calculation, and how it speaks of them."""

    place: str
    fields: tuple[str, ...]
    rows: Any
    most: int
    title: str
    one: str
    gone: str
    more: str


def _people(
    request: HttpRequest,
    calculation: Calculation,
    asked: People,
    known: list[dict[str, Any]],
    family: list[Relative],
) -> HttpResponseBase:
    """Rows of people, named from the family or typed; one more row keeps what was typed."""
    if request.method == "POST" and "more" not in request.POST:
        form = asked.rows(request.POST, initial=known, prefix=asked.place)
        if form.is_valid():
            kept = [one for one in form.cleaned_data if one.get("name") and not one.get("DELETE")]
            given: dict[str, Any] = {asked.place: kept}
            return acted(request, calculation, lambda: operations.change(
                **who(request), calculation=calculation, version=version_of(request), **given,
            ))  # fmt: skip
        rows = known
    else:
        typed = request.method == "POST"
        rows = typed_rows(request.POST, asked.place, asked.fields, asked.most) if typed else known
        one = next((one for one in family if str(one.pk) == request.POST.get("more")), None)
        if one is not None:
            rows.append(one.row)
        form = asked.rows(initial=rows, prefix=asked.place)
        form.extra = 1 if not rows or ("more" in (request.POST or request.GET) and one is None) else 0
    named = {name_key(str(one["name"] or "")) for one in rows}
    return dialog(
        request, calculation, "people", asked.title, form=form, action=request.path, wide=True, asked=asked,
        family=[one for one in family if name_key(one.name) not in named],
    )  # fmt: skip


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def drivers(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Who drives."""
    calculation = find(request, calculation_id)
    asked = People(
        "drivers", DRIVER_FIELDS, DriverSet, MOST_DRIVERS, _("Who drives"), _("Driver"), _("does not drive any more"),
        _("One more driver"),
    )  # fmt: skip
    known = [{name: one[name] for name in DRIVER_FIELDS} for one in calculation.drivers]
    return _people(request, calculation, asked, known, drivers_in_family(caller(request), calculation))


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def insured(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Who is insured."""
    calculation = find(request, calculation_id)
    question = insured_question(definition_of(calculation.product, calculation.starts_on))
    if question is None:
        return refused(request, calculation, operations.NamesNobody())
    asked = People(
        "insured", INSURED_FIELDS, InsuredSet, MOST_INSURED, said(question, "title"), _("Insured person"),
        _("is not insured any more"), _("One more person"),
    )  # fmt: skip
    people = calculation.answers.get(str(question["key"])) or ()
    known = [{name: one.get(name, "") for name in INSURED_FIELDS} for one in people if isinstance(one, dict)]
    return _people(request, calculation, asked, known, insured_in_family(caller(request), calculation))


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def term(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """When cover begins and how long it lasts."""
    calculation = find(request, calculation_id)
    initial = {"starts_on": calculation.starts_on, "months": calculation.months}
    form = TermForm(_data(request), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            operations.change(
                **who(request), calculation=calculation, version=version_of(request), **form.cleaned_data
            )
        except operations.PastStart as refusal:
            form.add_error("starts_on", str(refusal))
        except Refusal as refusal:
            return refused(request, calculation, refusal)
        else:
            return acted(request, calculation, lambda: None)
    return dialog(
        request, calculation, "form", _("Term of cover"), form=form, action=request.path, verb=_("Keep")
    )


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def referral(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Give it to the underwriter with a word of explanation."""
    calculation = find(request, calculation_id)
    form = WordsForm(_data(request))
    form.fields["text"].required, form.fields["text"].label = False, _("A word for the underwriter")
    if form.is_bound and form.is_valid():
        return acted(request, calculation, lambda: operations.refer(
            **who(request), calculation=calculation, note=form.cleaned_data["text"],
        ), say=_("Sent to the underwriter"))  # fmt: skip
    return dialog(
        request, calculation, "form", _("To the underwriter"), form=form, action=request.path, verb=_("Send")
    )


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def loss(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """The client wants none of it."""
    calculation = find(request, calculation_id)
    form = WordsForm(_data(request))
    if form.is_bound and form.is_valid():
        return acted(request, calculation, lambda: operations.lose(
            **who(request), calculation=calculation, reason=form.cleaned_data["text"],
        ))  # fmt: skip
    return dialog(
        request,
        calculation,
        "form",
        _("Close without a policy"),
        form=form,
        action=request.path,
        verb=_("Close"),
    )


@require_http_methods(FORMS)
@requires(Permission.PAYMENTS_WRITE)
def payment(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Money taken by hand; in full it issues the policy at once."""
    calculation = find(request, calculation_id)
    paying = payment_of(request.user, calculation)
    if paying is None:
        return body(request, calculation_id, say=_("There is no contract to pay for yet."), kind="bad")
    method = request.POST.get("method", "")
    if request.method == "POST" and method in (Payment.Method.CARD, Payment.Method.CASH):
        return acted(request, calculation, lambda: register_payment(
            **who(request), amount=paying.due, method=method, project=paying.project,
        ), say=_("Paid, the policy is issued"))  # fmt: skip
    return dialog(request, calculation, "pay", _("Take the money"), paying=paying, action=request.path)
