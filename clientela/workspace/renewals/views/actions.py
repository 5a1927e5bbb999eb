"""What people do in the drawer: each act is a dialog, checked at the field, and changes the term at once."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.modules.accounts.access import Permission, ensure, requires
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.work import TouchNotOpen, complete_touch, release_plan, reopen
from clientela.workspace.renewals import acts
from clientela.workspace.renewals.forms import CallForm
from clientela.workspace.renewals.queries import term as reads
from clientela.workspace.renewals.views.answers import dialog, finished


@require_http_methods(["GET", "POST"])
@requires(Permission.RENEWALS_READ)
def act(request: HttpRequest, renewal_id: int, code: str) -> HttpResponseBase:
    """The dialog of one act and what it does; ``code`` is a key of ``acts.ACTS``."""
    known = acts.ACTS.get(code)
    if known is None:
        raise Http404
    ensure(request.user, known.permission)
    found = get_object_or_404(reads.terms_for(request.user), pk=renewal_id)
    today, now = timezone.localdate(), timezone.now()
    case = acts.Case(found, actor=request.user, today=today, now=now)
    form = known.form(case, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = known.do(case, form.cleaned_data)
        except acts.Refused as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            return _done(request, found, done)
    return _dialog(request, known, case, form)


def _dialog(request: HttpRequest, known: acts.Act, case: acts.Case, form: forms.Form) -> HttpResponse:
    context = {
        "title": known.title(case), "lead": known.lead(case), "verb": known.verb, "kind": known.kind, "form": form,
        "action": reverse("renewals:act", args=[case.term.pk, known.code]),
        "back": reverse("renewals:term", args=[case.term.pk]), "part": "renewals/parts/form.html",
        "first": reverse("renewals:act", args=[case.term.pk, "project"])
        if known.needs_project and case.project is None
        else "",
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


def _done(request: HttpRequest, found: Renewal, done: acts.Done) -> HttpResponseBase:
    back = reverse("renewals:term", args=[found.pk])
    return finished(request, text=done.text, kind=done.kind, undo_url=done.undo_url, back=back)


@require_POST
@requires(Permission.RENEWALS_WRITE)
def release(request: HttpRequest, renewal_id: int) -> HttpResponseBase:
    """Let a held plan go on."""
    found = get_object_or_404(reads.terms_for(request.user), pk=renewal_id)
    release_plan(actor=request.user, now=timezone.now(), renewal=found)
    return _done(request, found, acts.Done(_("The plan goes on")))


@require_POST
@requires(Permission.RENEWALS_WRITE)
def take_back(request: HttpRequest, renewal_id: int) -> HttpResponseBase:
    """Take a lost term back to work."""
    found = get_object_or_404(reads.terms_for(request.user), pk=renewal_id)
    reopen(actor=request.user, now=timezone.now(), renewal=found)
    return _done(request, found, acts.Done(_("Back in work")))


@require_http_methods(["GET", "POST"])
@requires(Permission.RENEWALS_WRITE)
def call(request: HttpRequest, renewal_id: int, touch_id: int) -> HttpResponseBase:
    """How the operator's call of the plan went."""
    found = get_object_or_404(reads.terms_for(request.user), pk=renewal_id)
    touch = get_object_or_404(found.touches.all(), pk=touch_id)
    form = CallForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        outcome = dict(CallForm.OUTCOMES)[form.cleaned_data["outcome"]]
        try:
            complete_touch(
                actor=request.user, now=timezone.now(), touch=touch, outcome=str(outcome),
                note=form.cleaned_data["note"],
            )  # fmt: skip
        except TouchNotOpen as error:
            form.add_error(None, str(error))
        else:
            return _done(request, found, acts.Done(_("The call is written down")))
    context = {
        "title": _("Call to %(name)s") % {"name": found.client.name}, "verb": _("Write down"), "form": form,
        "action": reverse("renewals:call", args=[found.pk, touch.pk]),
        "back": reverse("renewals:term", args=[found.pk]), "part": "renewals/parts/form.html",
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))
