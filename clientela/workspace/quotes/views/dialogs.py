"""Acts of the one window that ask for something first."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clientela.foundation.names import name_key
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.billing.models import Payment
from clientela.modules.billing.operations import register_payment
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.rules import Verdict, describe
from clientela.modules.quotes import operations
from clientela.modules.quotes.operations.changing import DRIVER_FIELDS
from clientela.workspace.quotes.family import drivers_in_family, typed_drivers
from clientela.workspace.quotes.forms import ChannelForm, DriverSet, SubjectForm, TermForm, WordsForm
from clientela.workspace.quotes.payment import payment_of
from clientela.workspace.quotes.views.base import acted, body, dialog, find, refused, version_of, who
from clientela.workspace.quotes.window import Window

FORMS = ["GET", "HEAD", "POST"]


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def subject(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """The thing insured."""
    calculation = find(request, calculation_id)
    kind = Window(calculation, today=calculation.starts_on).subject_kind
    form = SubjectForm(_data(request), kind=kind, initial=calculation.subject)
    if form.is_bound and form.is_valid():
        values = {"kind": kind if kind in ("vehicle", "flat", "house", "life") else "other"} | form.values()
        return acted(request, calculation, lambda: operations.change(
            **who(request), calculation=calculation, version=version_of(request), subject=values,
        ))  # fmt: skip
    return dialog(
        request, calculation, "form", _("What is insured"), form=form, action=request.path, verb=_("Keep")
    )


@require_http_methods(FORMS)
@requires(Permission.CONTRACTS_WRITE)
def drivers(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Who drives."""
    calculation = find(request, calculation_id)
    rows = [{name: one[name] for name in DRIVER_FIELDS} for one in calculation.drivers]
    family = drivers_in_family(caller(request), calculation)
    if request.method == "POST" and "more" not in request.POST:
        form = DriverSet(request.POST, initial=rows, prefix="drivers")
        if form.is_valid():
            kept = [one for one in form.cleaned_data if one.get("name") and not one.get("DELETE")]
            return acted(request, calculation, lambda: operations.change(
                **who(request), calculation=calculation, version=version_of(request), drivers=kept,
            ))  # fmt: skip
    else:
        if request.method == "POST":
            rows = typed_drivers(request.POST)
        one = next((one for one in family if str(one.pk) == request.POST.get("more")), None)
        if one is not None:
            rows.append(one.row)
        form = DriverSet(initial=rows, prefix="drivers")
        form.extra = 1 if not rows or ("more" in (request.POST or request.GET) and one is None) else 0
    named = {name_key(str(one["name"] or "")) for one in rows}
    return dialog(
        request, calculation, "drivers", _("Who drives"), form=form, action=request.path, wide=True,
        family=[one for one in family if name_key(one.name) not in named],
    )  # fmt: skip


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
@requires(Permission.CONTRACTS_WRITE, Permission.CONTACTS_WRITE)
def offer(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """Send the comparison to the client."""
    calculation = find(request, calculation_id)
    kinds = set(
        ContactPoint.objects.filter(client=calculation.client_id, do_not_use=False).values_list(
            "kind", flat=True
        )
    )
    ways = [
        code
        for code, kind in (("sms", "phone"), ("email", "email"), ("telegram", "telegram"), ("vk", "vk"))
        if kind in kinds
    ]
    form = ChannelForm(_data(request), initial={"channel": ways[0] if ways else "sms"})
    form.fields["channel"].choices = [one for one in form.fields["channel"].choices if one[0] in ways]  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        try:
            message = operations.send(
                **who(request), calculation=calculation, channel=form.cleaned_data["channel"]
            )
        except Refusal as refusal:
            return refused(request, calculation, refusal)
        if message.state != Message.State.DROPPED:
            return acted(request, calculation, lambda: None, say=_("The offer is on its way"))
        failed = [one for one in Verdict.from_json(message.verdict).checks if not one.passed]
        why = str(describe(failed[0])) if failed else ""
        form.add_error("channel", _("The communication policy does not let it go. %(why)s") % {"why": why})
    link = operations.page_url(calculation)
    return dialog(
        request,
        calculation,
        "offer",
        _("Send the calculation"),
        form=form,
        action=request.path,
        link=link,
        ways=ways,
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
