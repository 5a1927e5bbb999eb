"""Answers of a talk, and stepping back."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.sales.models import Deal, ScriptVersion
from clientela.modules.sales.operations import scripts as act
from clientela.modules.sales.queries.told import asks_of
from clientela.modules.sales.rules.scripts import RESULTS
from clientela.workspace.deals.forms import FieldsForm, LossForm
from clientela.workspace.deals.views.answers import dialog, finished
from clientela.workspace.deals.views.board import zone_of
from clientela.workspace.deals.views.deal import deals_of


def _version(request: HttpRequest, found: Deal) -> ScriptVersion:
    pk = id_of(request.POST.get("script")) or 0
    rows = ScriptVersion.objects.filter(script__funnel=found.funnel_id, state=ScriptVersion.State.ACTIVE)
    return get_object_or_404(rows.select_related("script"), pk=pk)


@require_POST
@requires(Permission.SALES_WRITE)
def answer(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Take an answer; where it means a next step or a loss, ask for that at once."""
    found = get_object_or_404(deals_of(request), pk=deal_id)
    version, node = _version(request, found), request.POST.get("node", "")
    choice = int(text) if (text := request.POST.get("choice", "")).isdecimal() and len(text) < 3 else -1
    answers = {key: request.POST[key] for key in asks_of(found) if request.POST.get(key)}
    try:
        act.answer(
            actor=caller(request), now=timezone.now(), deal=found, version=version, node=node, choice=choice, answers=answers,
        )  # fmt: skip
    except Refusal as refusal:
        return finished(request, text=str(refusal), kind="warn", back=reverse("deals:deal", args=[found.pk]))
    step = version.content.node(node)
    result = step.answers[choice].result if step else ""
    # That the talk goes on is seen: the next step stands there.
    return _then(request, found, result) or finished(
        request,
        text=str(RESULTS[result]) if result else "",
        back=reverse("deals:deal", args=[found.pk]),
        events=("calculation-changed",),
    )


def _then(request: HttpRequest, found: Deal, result: str) -> HttpResponseBase | None:
    """The dialog that an answer leads to."""
    back = reverse("deals:deal", args=[found.pk])
    context: dict[str, Any] = {"back": back, "verb": _("Save")}
    if result == "later":
        codes = ["next_kind", "next_step", "next_at"]
        context |= {
            "title": _("Next step"), "form": FieldsForm(None, found, codes, zone=zone_of(caller(request))),
            "action": reverse("deals:edit", args=[found.pk]) + "?only=step",
        }  # fmt: skip
    elif result == "lost":
        context |= {
            "title": _("Why is the deal lost?"), "form": LossForm(), "verb": _("Close as lost"), "kind": "danger",
            "action": reverse("deals:lose", args=[found.pk]),
        }  # fmt: skip
    else:
        return None
    response = trigger_client_event(dialog(request, context), "deal-changed", {})
    return trigger_client_event(response, "calculation-changed", {})


@require_POST
@requires(Permission.SALES_WRITE)
def back(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Take the last answer back."""
    found = get_object_or_404(deals_of(request), pk=deal_id)
    act.step_back(actor=caller(request), deal=found, version=_version(request, found))
    return finished(request, text=_("One step back"), back=reverse("deals:deal", args=[found.pk]))


@require_POST
@requires(Permission.SALES_WRITE)
def restart(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Begin the script anew."""
    found = get_object_or_404(deals_of(request), pk=deal_id)
    version = _version(request, found)
    act.restart(actor=caller(request), now=timezone.now(), deal=found, version=version)
    return finished(request, text=_("The talk begins anew"), back=reverse("deals:deal", args=[found.pk]))
