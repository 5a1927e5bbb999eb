"""One act on many terms: hold, let go on, mark as lost. A page of rows at most."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from clientela.foundation.ids import ids_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.models import Renewal
from clientela.workspace.renewals.bulk import ACTS, act_on_many, terms_of
from clientela.workspace.renewals.forms import HoldForm, LossForm
from clientela.workspace.renewals.queries.board import PAGE
from clientela.workspace.renewals.views.answers import dialog, finished


def _form(act: str, data: Any) -> forms.Form:
    if act == "hold":
        return HoldForm(data, today=timezone.localdate())
    return LossForm(data) if act == "lost" else forms.Form(data)


@require_http_methods(["GET", "POST"])
@requires(Permission.RENEWALS_WRITE)
def bulk(request: HttpRequest, act: str) -> HttpResponseBase:
    """Ask once for all, then act on each; terms that cannot take it stay and are counted."""
    if act not in ACTS:
        raise Http404
    ids = ids_of((request.POST if request.method == "POST" else request.GET).getlist("ids"), PAGE)
    terms = terms_of(request.user, ids)
    if request.method == "POST" and "ids" in request.POST and terms:
        form = _form(act, request.POST)
        if form.is_valid():
            outcome = act_on_many(act, terms, actor=request.user, now=timezone.now(), **form.cleaned_data)
            return _finished(request, act, len(outcome.done), len(outcome.refused))
    else:
        form = _form(act, None)
    return _ask(request, act, form, terms)


def _ask(request: HttpRequest, act: str, form: forms.Form, terms: list[Renewal]) -> HttpResponse:
    count = len(terms)
    words = {"n": count}
    titles = {
        "hold": ngettext("Hold the plan of %(n)s contract", "Hold the plans of %(n)s contracts", count) % words,
        "lost": ngettext("Mark %(n)s contract as lost", "Mark %(n)s contracts as lost", count) % words,
        "release": ngettext("Let the plan of %(n)s contract go on", "Let the plans of %(n)s contracts go on", count) % words,
    }  # fmt: skip
    leads = {
        "hold": _("A term that ends earlier stays as it is."),
        "lost": _("The plans stop at once. A paid term stays as it is."),
        "release": _("Touches that were held and are not yet due come back."),
    }
    verbs = {"hold": pgettext("plan", "Hold"), "lost": _("Mark as lost"), "release": _("Let go on")}
    if not terms:
        leads[act] = _("Nothing is selected.")
    context = {
        "title": titles[act], "lead": leads[act], "verb": verbs[act], "form": form, "ids": [t.pk for t in terms],
        "kind": "danger" if act == "lost" else "primary", "action": reverse("renewals:bulk", args=[act]),
        "back": reverse("renewals:board"), "part": "renewals/parts/form.html",
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


def _finished(request: HttpRequest, act: str, done: int, left: int) -> HttpResponseBase:
    texts = {
        "hold": ngettext("Plan of %(n)s contract held", "Plans of %(n)s contracts held", done),
        "lost": ngettext("%(n)s contract marked as lost", "%(n)s contracts marked as lost", done),
        "release": ngettext("Plan of %(n)s contract goes on", "Plans of %(n)s contracts go on", done),
    }
    text = texts[act] % {"n": done}
    if left:
        text += ". " + ngettext("%(n)s stays as it was", "%(n)s stay as they were", left) % {"n": left}
    return finished(
        request,
        text=text,
        kind="warn" if left else "good",
        back=reverse("renewals:board"),
        events=("clear-selection",),
    )
