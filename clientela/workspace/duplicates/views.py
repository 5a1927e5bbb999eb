"""The queue of pairs, a pair side by side with why, and the decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from clientela.foundation.ids import id_of, ids_of
from clientela.foundation.jobs.models import Job
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import CannotMerge, OutdatedVersion
from clientela.modules.resolution import operations
from clientela.modules.resolution.models import Pair
from clientela.workspace.clients.merge_rows import effects, rows_of
from clientela.workspace.clients.views.merging import CHOICES, LONGEST_NOTE
from clientela.workspace.duplicates import words

MERGE = requires(Permission.CLIENTS_MERGE)
PAGE, MOST = 40, 50
RUNNING = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)


def _pairs(request: HttpRequest) -> Any:
    return Pair.objects.visible_to(caller(request))


def _boxes(request: HttpRequest) -> dict[str, Any]:
    open_ = _pairs(request).open()
    return {
        "doubtful": open_.filter(certain=False).order_by("-probability", "id"),
        "certain": open_.filter(certain=True).order_by("-probability", "id"),
        "done": _pairs(request).exclude(state=Pair.State.OPEN).order_by("-decided_at", "-id"),
    }


@require_safe
@MERGE
def home(request: HttpRequest) -> HttpResponse:
    """The queue with its first pair opened."""
    return _page(request, None)


@require_safe
@MERGE
def pair(request: HttpRequest, duplicate_id: int) -> HttpResponse:
    """One pair beside the queue."""
    return _page(request, _find(request, duplicate_id))


def _find(request: HttpRequest, duplicate_id: int) -> Pair:
    return get_object_or_404(_pairs(request).select_related("merge", "decided_by"), pk=duplicate_id)


def _page(request: HttpRequest, chosen: Pair | None, *, error: str = "") -> HttpResponse:
    boxes = _boxes(request)
    box = request.GET.get("box", "")
    if box not in boxes:
        box = "doubtful" if chosen is None else _box_of(chosen)
    names = {
        "doubtful": pgettext("pairs", "To look at"), "certain": pgettext("pairs", "Certain"),
        "done": pgettext("pairs", "Decided"),
    }  # fmt: skip
    page = Paginator(boxes[box], PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    chosen = chosen or next(iter(rows), None)
    cards = Client.objects.visible_to(caller(request)).in_bulk(
        {number for row in rows for number in (row.low_card, row.high_card)}
    )
    place = next((index for index, row in enumerate(rows) if chosen and row.pk == chosen.pk), None)
    after = rows[place + 1] if place is not None and place + 1 < len(rows) else None
    job = Job.objects.filter(kind=operations.KIND).order_by("-id").first()
    context = {
        "rows": [_row(one, cards) for one in rows], "page": page, "box": box, "chosen": chosen, "after": after,
        "tabs": [
            {"label": names[name], "url": f"{reverse('duplicates:queue')}?box={name}", "current": name == box,
             "count": boxes[name].count() if name != "done" else None}
            for name in boxes
        ],
        "job": job, "busy": job is not None and job.state in RUNNING,
        "percent": min(100, 100 * (job.done or 0) // max(1, job.total or 1)) if job else 0,
        "may_search": caller(request).can(Permission.JOBS_WRITE), "error": error,
    }  # fmt: skip
    if chosen is not None:
        context |= _compared(request, chosen)
    return render(request, "duplicates/queue.html", context, status=409 if error else 200)


def _box_of(row: Pair) -> str:
    return "done" if row.state != Pair.State.OPEN else "certain" if row.certain else "doubtful"


def _row(row: Pair, cards: dict[int, Client]) -> dict[str, Any]:
    names = [cards[number].name for number in (row.low_card, row.high_card) if number in cards]
    name = names[0] if len(set(names)) == 1 else _("%(one)s and %(other)s") % {
        "one": names[0], "other": names[1]} if len(names) > 1 else "".join(names)  # fmt: skip
    return {"pair": row, "name": name, "percent": words.percent_of(row), "told": words.told(row)}


def _compared(request: HttpRequest, row: Pair) -> dict[str, Any]:
    seen = Client.objects.visible_to(caller(request)).select_related("agent", "branch")
    cards = seen.prefetch_related("contact_points", "documents").in_bulk([row.low_card, row.high_card])
    found: dict[str, Any] = {
        "percent_sure": words.percent_of(row), "bars": words.waterfall(row, language()),
    }  # fmt: skip
    if len(cards) < 2:
        return found | {"alone": next(iter(cards.values()), None)}
    stays = id_of(request.GET.get("kept"))
    low, high = cards[row.low_card], cards[row.high_card]
    kept, gone = (high, low) if stays == high.pk else (low, high)
    take = {group for group in CHOICES if request.GET.get(group) == "gone"}
    case = operations.case_of(row) if row.state == Pair.State.OPEN else ()
    return found | {
        "several": seen.filter(pk__in=case).exclude(pk__in=cards).count() if len(case) > len(cards) else 0,
        "kept": kept, "gone": gone, "swapped": f"{reverse('duplicates:pair', args=[row.pk])}?kept={gone.pk}", "compared": rows_of(kept, gone, take), "effects": effects(kept, gone, take),
    }  # fmt: skip


def _decided(request: HttpRequest, row: Pair, act: Callable[[], Any], say: str) -> HttpResponseBase:
    """Do it and go on with the next pair of the queue."""
    box = _box_of(row)
    ahead = _boxes(request)[box].exclude(pk=row.pk)
    after = ahead.filter(probability__lte=row.probability).first() or ahead.first()
    try:
        act()
    except (Refusal, CannotMerge, OutdatedVersion) as refusal:
        return _page(request, row, error=str(refusal))
    messages.success(request, say, extra_tags=reverse("duplicates:undo", args=[row.pk]))
    if after is None:
        return redirect(f"{reverse('duplicates:queue')}?box={box}")
    return redirect("duplicates:pair", after.pk)


@require_POST
@MERGE
def merge(request: HttpRequest, duplicate_id: int) -> HttpResponseBase:
    """The two cards become one."""
    row = _find(request, duplicate_id)
    kept = id_of(request.POST.get("card")) or row.low_card
    versions = (id_of(request.POST.get("kept")), id_of(request.POST.get("gone")))
    take = {group for group in CHOICES if request.POST.get(group) == "gone"}
    return _decided(request, row, lambda: operations.accept(
        actor=caller(request), now=timezone.now(), pair=row, kept=kept, take=take,
        versions=versions if None not in versions else None,  # type: ignore[arg-type]
        note=request.POST.get("note", "").strip()[:LONGEST_NOTE],
    ), _("One card now"))  # fmt: skip


@require_POST
@MERGE
def differ(request: HttpRequest, duplicate_id: int) -> HttpResponseBase:
    """Two clients: nobody asks again."""
    row = _find(request, duplicate_id)
    return _decided(
        request, row, lambda: operations.tell_apart(actor=caller(request), now=timezone.now(), pair=row),
        _("Two clients: this pair is not asked again"),
    )  # fmt: skip


@require_POST
@MERGE
def undo(request: HttpRequest, duplicate_id: int) -> HttpResponseBase:
    """The pair is open again."""
    row = _find(request, duplicate_id)
    try:
        operations.take_back(actor=caller(request), now=timezone.now(), pair=row)
    except (Refusal, CannotMerge) as refusal:
        return _page(request, row, error=str(refusal))
    messages.success(request, _("The pair is open again"))
    return redirect("duplicates:pair", row.pk)


@require_POST
@MERGE
def accept_many(request: HttpRequest) -> HttpResponseBase:
    """Every marked pair becomes one card; the older card stays. What cannot be is left and counted."""
    chosen = ids_of(request.POST.getlist("pair"), MOST)
    done = left = 0
    for row in _pairs(request).open().filter(pk__in=chosen).order_by("pk"):
        try:
            operations.accept(actor=caller(request), now=timezone.now(), pair=row, kept=row.low_card)
        except (Refusal, CannotMerge, OutdatedVersion):
            left += 1
        else:
            done += 1
    messages.success(request, ngettext("%(n)s pair is one card now", "%(n)s pairs are one card each now", done) % {"n": done})  # fmt: skip
    if left:
        messages.warning(request, ngettext("%(n)s pair could not be joined", "%(n)s pairs could not be joined", left) % {"n": left})  # fmt: skip
    return redirect(f"{reverse('duplicates:queue')}?box=certain")


@require_POST
@requires(Permission.CLIENTS_MERGE, Permission.JOBS_WRITE)
def search(request: HttpRequest) -> HttpResponseBase:
    """Look over the whole base now."""
    operations.begin_search(actor=caller(request), now=timezone.now())
    return redirect("duplicates:queue")
