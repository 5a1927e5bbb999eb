"""Rules of funnels: stages, questions of the need, rules of advice."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.sales.models import AdviceRule, Deal, Funnel, Stage
from clientela.modules.sales.operations import funnels as act
from clientela.modules.sales.operations.advice import save_rule
from clientela.modules.sales.rules.fields import FIELDS
from clientela.modules.sales.rules.happenings import Happening
from clientela.workspace.deals.editing import FunnelForm, QuestionForm, RemovalForm, RuleForm, StageForm
from clientela.workspace.deals.forms import funnel_of
from clientela.workspace.deals.views.answers import dialog, finished, go

MANAGE = Permission.FUNNELS_WRITE


def _page(funnel: Funnel) -> str:
    return reverse("deals:funnels") + f"?funnel={funnel.code}"


def _version(request: HttpRequest) -> int | None:
    return id_of(request.POST.get("version"))


@require_GET
@requires(MANAGE)
def funnels(request: HttpRequest) -> HttpResponse:
    """The rules of one funnel, with the others beside it."""
    wanted = request.GET.get("funnel", "")
    rows = list(Funnel.objects.all())
    funnel = next((one for one in rows if one.code == wanted), None) or funnel_of(wanted)
    context: dict[str, Any] = {"funnel": funnel, "rules": AdviceRule.objects.all()}
    context["tabs"] = [
        {"label": str(one), "url": _page(one), "current": funnel is not None and one.pk == funnel.pk}
        for one in rows
    ]
    if funnel is not None:
        labels: dict[str, Any] = FIELDS | {
            key: one.said(caller(request).language) for key, one in funnel.asks.items()
        }
        words = dict(Happening.choices)
        context |= {
            "stages": [
                {
                    "stage": one, "asks": [labels[code] for code in one.required if code in labels],
                    "on": [words[code] for code in one.moves_on if code in words],
                    "deals": Deal.objects.open().filter(stage=one).count(),
                }
                for one in funnel.stages.filter(is_active=True).order_by("position", "id")
            ],
            "questions": funnel.asks.values(),
            "won_on": [words[code] for code in funnel.won_on], "lost_on": [words[code] for code in funnel.lost_on],
            "scripts": funnel.scripts.select_related("stage", "product").order_by("stage__position", "id"),
        }  # fmt: skip
    return render(request, "deals/funnels.html", context)


def _told(request: HttpRequest, form: Form, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _form(
    request: HttpRequest, form: Form, title: str, action: str, funnel: Funnel | None, verb: str = ""
) -> HttpResponse:
    context = {
        "form": form, "title": title, "action": action, "verb": verb or _("Save"), "wide": True,
        "back": _page(funnel) if funnel else reverse("deals:funnels"), "kept": [("version", funnel.version)] if funnel else [],
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def edit(request: HttpRequest, funnel_id: int | None = None) -> HttpResponseBase:
    """A new funnel, or the name, lines and closing happenings of one."""
    funnel = get_object_or_404(Funnel, pk=funnel_id) if funnel_id else None
    form = FunnelForm(request.POST or None, funnel)
    if request.method == "POST" and form.is_valid():
        try:
            kept = act.save_funnel(
                actor=caller(request), now=timezone.now(), funnel=funnel, values=form.cleaned_data, version=_version(request),
            )  # fmt: skip
            return go(request, _page(kept))
        except Refusal as refusal:
            _told(request, form, refusal)
    action = reverse("deals:edit_funnel", args=[funnel.pk]) if funnel else reverse("deals:new_funnel")
    return _form(request, form, str(funnel) if funnel else _("New funnel"), action, funnel)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def stage(request: HttpRequest, funnel_id: int, stage_id: int | None = None) -> HttpResponseBase:
    """A stage: a new one at the end, or one that is there."""
    funnel = get_object_or_404(Funnel, pk=funnel_id)
    found = get_object_or_404(funnel.stages.filter(is_active=True), pk=stage_id) if stage_id else None
    form = StageForm(request.POST or None, funnel, found)
    if request.method == "POST" and form.is_valid():
        try:
            act.save_stage(
                actor=caller(request), now=timezone.now(), funnel=funnel, stage=found, values=form.cleaned_data,
                version=_version(request),
            )  # fmt: skip
            return go(request, _page(funnel))
        except Refusal as refusal:
            _told(request, form, refusal)
    action = (
        reverse("deals:stage", args=[funnel.pk, found.pk])
        if found
        else reverse("deals:new_stage", args=[funnel.pk])
    )
    return _form(request, form, str(found) if found else _("New stage"), action, funnel)


@require_POST
@requires(MANAGE)
def shift(request: HttpRequest, funnel_id: int, stage_id: int) -> HttpResponseBase:
    """A stage some places to the front or to the end; the page comes back with the order as it is."""
    found = get_object_or_404(Stage, pk=stage_id, funnel=funnel_id, is_active=True)
    text = request.POST.get("by", "")
    by = int(text) if text.removeprefix("-").isdecimal() and len(text) < 3 else 1
    try:
        act.shift_stage(
            actor=caller(request), now=timezone.now(), stage=found, by=by, version=_version(request)
        )
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    return redirect(_page(found.funnel))


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def remove(request: HttpRequest, funnel_id: int, stage_id: int) -> HttpResponseBase:
    """Take a stage out and say where its deals go."""
    found = get_object_or_404(
        Stage.objects.select_related("funnel"), pk=stage_id, funnel=funnel_id, is_active=True
    )
    form = RemovalForm(request.POST or None, found)
    if request.method == "POST" and form.is_valid():
        try:
            act.remove_stage(
                actor=caller(request), now=timezone.now(), stage=found, to=form.cleaned_data["to"], version=_version(request),
            )  # fmt: skip
            return go(request, _page(found.funnel))
        except Refusal as refusal:
            _told(request, form, refusal)
    count = Deal.objects.open().filter(stage=found).count()
    title = (
        _("Take “%(stage)s” out") % {"stage": found}
        + f" · {ngettext('%(n)s deal', '%(n)s deals', count) % {'n': count}}"
    )
    action = reverse("deals:remove_stage", args=[funnel_id, found.pk])
    return _form(request, form, title, action, found.funnel, _("Take out"))


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def question(request: HttpRequest, funnel_id: int, question_key: str = "") -> HttpResponseBase:
    """A question of the need."""
    key = question_key
    funnel = get_object_or_404(Funnel, pk=funnel_id)
    asks = funnel.asks
    known = asks[key].to_json() if key in asks else {}
    initial = known | {"options": "\n".join(known["options"])} if known else None
    form = QuestionForm(request.POST or None, initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        removed = data.pop("removed")
        own = key if known else f"q_{get_random_string(8).lower()}"
        fresh = {**data, "key": own, "options": data["options"].splitlines()}
        rows: list[dict[str, Any]] = [fresh if name == own else one.to_json() for name, one in asks.items()]
        rows = rows if known else [*rows, fresh]
        try:
            act.save_funnel(
                actor=caller(request), now=timezone.now(), funnel=funnel, version=_version(request),
                values={"questions": [row for row in rows if not (removed and row["key"] == own)]},
            )  # fmt: skip
            return go(request, _page(funnel))
        except Refusal as refusal:
            _told(request, form, refusal)
    action = (
        reverse("deals:question", args=[funnel.pk, key])
        if known
        else reverse("deals:new_question", args=[funnel.pk])
    )
    return _form(request, form, _("Question of the need"), action, funnel)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponseBase:
    """A rule of cross-sales."""
    found = get_object_or_404(AdviceRule, pk=rule_id) if rule_id else None
    form = RuleForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        save_rule(actor=caller(request), now=timezone.now(), rule=form.instance, values=form.cleaned_data)
        return finished(
            request, text=_("The rule is kept; it is worked out in the night"), back=reverse("deals:funnels")
        )
    action = reverse("deals:rule", args=[found.pk]) if found else reverse("deals:new_rule")
    context = {
        "form": form, "title": _("Rule of advice"), "action": action, "verb": _("Save"), "wide": True,
        "back": reverse("deals:funnels"),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))
