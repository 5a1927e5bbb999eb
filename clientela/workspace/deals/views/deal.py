"""One deal: the drawer over the board with its tabs, and what is done there."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.audit.models import Entry
from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.billing.queries import OPEN_PROJECTS
from clientela.modules.quotes.models import Calculation
from clientela.modules.sales.models import Advice, Deal, Stage
from clientela.modules.sales.operations import deals as act
from clientela.modules.sales.queries.advice import with_sources
from clientela.modules.sales.queries.deals import chance_of, price_change, still_missing
from clientela.modules.sales.rules.fields import FIELDS, BadField, FieldsMissing
from clientela.workspace.deals import talk
from clientela.workspace.deals.filters import DealFilter
from clientela.workspace.deals.forms import FieldsForm, LossForm, OwnerForm
from clientela.workspace.deals.rows import RELATED, card_of, stage_bars
from clientela.workspace.deals.views.answers import dialog, finished, htmx
from clientela.workspace.deals.views.board import board_context, zone_of

TABS = ("talk", "need", "variants", "documents", "history")
MAIN = ("product", "subject", "amount", "starts_on", "next_kind", "next_step", "next_at")


def deals_of(request: HttpRequest) -> Any:
    """Deals that this person may open, ready for a screen."""
    return Deal.objects.visible_to(request.user).select_related(*RELATED, "client__agent", "sold", "project")


@require_GET
@requires(Permission.SALES_READ)
def deal(request: HttpRequest, deal_id: int) -> HttpResponse:
    """The drawer for htmx; without it the board with the drawer open."""
    found = get_object_or_404(deals_of(request).prefetch_related("visits", "funnel__stages"), pk=deal_id)
    context = drawer_context(request, found)
    if htmx(request):
        return render(request, "deals/parts/drawer.html", context)
    query = request.GET.copy()
    query.setdefault("funnel", found.funnel.code)
    request.GET = query  # type: ignore[assignment]
    return render(request, "deals/board.html", board_context(request, open_id=found.pk) | context)


def drawer_context(request: HttpRequest, found: Deal) -> dict[str, Any]:
    """What the drawer's templates need; each tab reads only its own."""
    user, now = caller(request), timezone.now()
    wanted = DealFilter.read(request.GET)
    tab = request.GET.get("tab", "talk")
    tab = tab if tab in TABS else "talk"
    missing = still_missing(found)
    labels = FIELDS | {key: one.said(user.language) for key, one in found.funnel.asks.items()}
    context: dict[str, Any] = {
        "deal": found,
        "client": found.client,
        "card": card_of(found, now=now, zone=user.time_zone),
        "bars": stage_bars(found, found.funnel, now=now),
        "chance": chance_of(found, now),
        "change": price_change(found),
        "left": (found.renews.end_date - timezone.localdate()).days if found.renews else None,
        "missing": [labels[code] for code in missing],
        "tab": tab,
        "drawer_tabs": _tabs(found, wanted, tab),
        "drawer_url": _address(found, wanted, tab),
        "back": wanted.url,
        "open": found.state == Deal.State.OPEN,
        "may": {
            "write": user.can(Permission.SALES_WRITE),
            "contact": user.can(Permission.CONTACTS_WRITE) and not found.client.do_not_contact,
            "price": user.can(Permission.CONTRACTS_WRITE),
            "bill": user.can(Permission.PAYMENTS_WRITE)
            and found.project is not None
            and found.project.state in OPEN_PROJECTS,
        },
        "ahead": [one for one in found.funnel.stages.all() if one.is_active and one.pk != found.stage_id],
    }
    match tab:
        case "talk":
            context |= talk.context_of(found, user=user)
        case "need":
            codes = [*MAIN, *found.funnel.asks]
            context["form"] = FieldsForm(None, found, codes, zone=zone_of(user))
            open_advice = Advice.objects.filter(client=found.client).open().select_related("rule")
            context["advice"] = with_sources(open_advice, now=timezone.now())
        case "variants":
            priced = Calculation.objects.visible_to(user).prefetch_related("variants")
            context["calculation"] = priced.filter(pk=found.calculation or 0).first()
            context["may_price"] = user.can(Permission.CONTRACTS_WRITE)
        case "history":
            rows = Entry.objects.filter(object_type="sales.deal", object_id=found.pk).order_by("-id")
            context["story"] = [story_line(one) for one in rows[:60]]
    return context


def story_line(entry: Entry) -> dict[str, Any]:
    """An entry of the journal as a line of the deal's history."""
    words = {
        "deal.started": (_("Begun"), "plus"), "deal.moved": (_("Moved"), "arrow-right"),
        "deal.moved_itself": (_("Moved by itself"), "bolt"), "deal.move_undone": (_("Move taken back"), "arrow-back-up"),
        "deal.changed": (_("Changed"), "pencil"), "deal.lost": (_("Lost"), "circle-x"),
        "deal.reopened": (_("Opened again"), "refresh"), "deal.assigned": (_("Given to somebody else"), "user-share"),
    }  # fmt: skip
    title, icon = words.get(entry.action, (entry.action, "circle"))
    stage = entry.changes.get("stage")
    lines = [f"{stage[0]} → {stage[1]}"] if stage else []
    for name, pair in entry.changes.items():
        if name != "stage":
            label = str(FIELDS.get(name, {"owner": _("Who works on it"), "reason": _("Why")}.get(name, name)))
            lines.append(f"{label}: {pair[1] or '—'}")
    return {
        "title": title,
        "icon": icon,
        "at": entry.at,
        "who": entry.actor_name if entry.actor_id else "",
        "lines": lines,
    }


def _tabs(found: Deal, wanted: DealFilter, tab: str) -> list[dict[str, Any]]:
    labels = {
        "talk": pgettext("deal tab", "Talk"), "need": _("Need"), "variants": _("Variants"),
        "documents": _("Documents"), "history": _("History"),
    }  # fmt: skip
    return [
        {"label": label, "url": _address(found, wanted, code), "current": code == tab}
        for code, label in labels.items()
    ]


def _address(found: Deal, wanted: DealFilter, tab: str) -> str:
    parts = [part for part in (wanted.query, f"tab={tab}" if tab != "talk" else "") if part]
    return reverse("deals:deal", args=[found.pk]) + (f"?{'&'.join(parts)}" if parts else "")


def _version(request: HttpRequest) -> int | None:
    return id_of(request.POST.get("version"))


def _refused(request: HttpRequest, found: Deal, refusal: Refusal) -> HttpResponseBase:
    """Nothing was changed: say why and show what is."""
    return finished(request, text=str(refusal), kind="warn", back=reverse("deals:deal", args=[found.pk]))


@require_POST
@requires(Permission.SALES_WRITE)
def move(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Another stage; fields that it asks for are asked at once and keep what was typed."""
    user = caller(request)
    found = get_object_or_404(deals_of(request), pk=deal_id)
    stage = get_object_or_404(Stage, pk=id_of(request.POST.get("stage")) or 0, funnel=found.funnel_id)
    codes = [code for code in stage.required if code in request.POST]
    form = FieldsForm(
        request.POST if codes else None, found, stage.required, required=stage.required, zone=zone_of(user)
    )
    values = {code: request.POST.get(code, "") for code in codes}
    try:
        moved = act.move_deal(
            actor=user, now=timezone.now(), deal=found, stage=stage, version=_version(request), values=values
        )
    except (FieldsMissing, BadField) as refusal:
        asked = bool(codes)
        if asked:
            form.is_valid()
            if isinstance(refusal, BadField):
                form.refuse(refusal)
        return _ask(request, found, stage, form, refused=asked)
    except Refusal as refusal:
        return _refused(request, found, refusal)
    text = _("%(client)s: %(stage)s") % {"client": found.client, "stage": stage}
    undo = reverse("deals:undo", args=[found.pk]) + f"?version={moved.version}"
    return finished(request, text=text, undo_url=undo, back=reverse("deals:deal", args=[found.pk]))


def _ask(request: HttpRequest, found: Deal, stage: Stage, form: FieldsForm, *, refused: bool) -> HttpResponse:
    context = {
        "title": _("“%(stage)s” asks for more") % {"stage": stage}, "form": form, "verb": _("Move"),
        "lead": _("Without these the deal stays in “%(stage)s”.") % {"stage": found.stage},
        "action": reverse("deals:move", args=[found.pk]), "back": reverse("deals:deal", args=[found.pk]),
        "kept": [("stage", stage.pk), ("version", request.POST.get("version", ""))],
    }  # fmt: skip
    return dialog(request, context, refused=refused)


@require_POST
@requires(Permission.SALES_WRITE)
def undo(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Take the last move back."""
    found = get_object_or_404(deals_of(request), pk=deal_id)
    try:
        version = id_of(request.GET.get("version")) or 0
        act.undo_move(actor=caller(request), now=timezone.now(), deal=found, version=version)
    except Refusal as refusal:
        return _refused(request, found, refusal)
    return finished(request, text=_("The move is taken back"), back=reverse("deals:deal", args=[found.pk]))


@require_http_methods(["GET", "POST"])
@requires(Permission.SALES_WRITE)
def edit(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Fields of the deal and answers of its need; ``only=step`` asks for the next step alone."""
    user, only = caller(request), request.GET.get("only", "")
    found = get_object_or_404(deals_of(request), pk=deal_id)
    codes = ["next_kind", "next_step", "next_at"] if only == "step" else [*MAIN, *found.funnel.asks]
    form = FieldsForm(request.POST if request.method == "POST" else None, found, codes, zone=zone_of(user))
    if request.method == "POST" and form.is_valid():
        values = {code: value for code, value in form.values().items() if code in request.POST}
        try:
            act.change_deal(
                actor=user, now=timezone.now(), deal=found, values=values, version=_version(request)
            )
        except BadField as refusal:
            form.refuse(refusal)
        except Refusal as refusal:
            return _refused(request, found, refusal)
        else:
            return finished(
                request, text=pgettext("deal", "Saved"), back=reverse("deals:deal", args=[found.pk])
            )
    context = {
        "title": _("Next step") if only == "step" else _("Need"), "form": form, "verb": _("Save"),
        "action": reverse("deals:edit", args=[found.pk]) + ("?only=step" if only == "step" else ""),
        "back": reverse("deals:deal", args=[found.pk]), "kept": [("version", found.version)],
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_http_methods(["GET", "POST"])
@requires(Permission.SALES_WRITE)
def lose(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Lost, with the reason."""
    found = get_object_or_404(deals_of(request), pk=deal_id)
    form = LossForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act.lose_deal(
                actor=caller(request),
                now=timezone.now(),
                deal=found,
                version=_version(request),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            return _refused(request, found, refusal)
        undo_url = reverse("deals:reopen", args=[found.pk])
        back = reverse("deals:deal", args=[found.pk])
        return finished(request, text=_("The deal is lost"), undo_url=undo_url, back=back)
    context = {
        "title": _("Why is the deal lost?"), "form": form, "verb": _("Close as lost"), "kind": "danger",
        "action": reverse("deals:lose", args=[found.pk]), "back": reverse("deals:deal", args=[found.pk]),
        "kept": [("version", found.version)],
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_POST
@requires(Permission.SALES_WRITE)
def reopen(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """A lost deal goes on."""
    found = get_object_or_404(deals_of(request), pk=deal_id)
    try:
        act.reopen_deal(actor=caller(request), now=timezone.now(), deal=found)
    except Refusal as refusal:
        return _refused(request, found, refusal)
    return finished(request, text=_("The deal goes on"), back=reverse("deals:deal", args=[found.pk]))


@require_http_methods(["GET", "POST"])
@requires(Permission.SALES_WRITE)
def owner(request: HttpRequest, deal_id: int) -> HttpResponseBase:
    """Give the deal to somebody else."""
    found = get_object_or_404(deals_of(request), pk=deal_id)
    form = OwnerForm(request.POST or None, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            act.assign_deal(actor=caller(request), now=timezone.now(), deal=found, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("owner", str(refusal))
        else:
            return finished(
                request, text=_("The deal is handed over"), back=reverse("deals:deal", args=[found.pk])
            )
    context = {
        "title": _("Who works on it"), "form": form, "verb": _("Hand over"),
        "action": reverse("deals:owner", args=[found.pk]), "back": reverse("deals:deal", args=[found.pk]),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))
