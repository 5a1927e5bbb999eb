"""Three cards and more that hang together: one case, joined in one go and parted in one go."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.ids import id_of, ids_of
from clientela.foundation.phones import format_phone
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import CannotMerge, OutdatedVersion
from clientela.modules.resolution import operations
from clientela.modules.resolution.models import Pair
from clientela.workspace.clients.views.merging import LONGEST_NOTE
from clientela.workspace.duplicates import words

MERGE = requires(Permission.CLIENTS_MERGE)
MOST = 20


def cards_of(request: HttpRequest, pair: Pair) -> list[Client]:
    """The cards of the pair's case that this person may see."""
    seen = Client.objects.visible_to(caller(request)).filter(pk__in=operations.case_of(pair))
    return list(seen.select_related("agent").prefetch_related("contact_points", "documents").order_by("pk"))


def _pair(request: HttpRequest, duplicate_id: int) -> Pair:
    return get_object_or_404(Pair.objects.visible_to(caller(request)), pk=duplicate_id)


@MERGE
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HttpRequest, duplicate_id: int) -> HttpResponseBase:
    """The case side by side; POST makes the marked cards one."""
    pair = _pair(request, duplicate_id)
    if request.method != "POST":
        return _page(request, pair)
    chosen, kept = ids_of(request.POST.getlist("card"), MOST), id_of(request.POST.get("kept")) or 0
    note = request.POST.get("note", "").strip()[:LONGEST_NOTE]
    try:
        merges = operations.join_group(
            actor=caller(request), now=timezone.now(), cards=chosen, kept=kept, note=note
        )
    except (Refusal, CannotMerge, OutdatedVersion) as refusal:
        return _page(request, pair, error=str(refusal))
    decided = Pair.objects.filter(merge=merges[-1]).first()
    undo = reverse("duplicates:part", args=[decided.pk]) if decided else ""
    messages.success(request, _("One card now"), extra_tags=undo)
    return redirect("duplicates:queue")


@require_POST
@MERGE
def part(request: HttpRequest, duplicate_id: int) -> HttpResponseBase:
    """All that was joined with this pair in one go is there again."""
    pair = _pair(request, duplicate_id)
    try:
        parted = operations.part_group(actor=caller(request), now=timezone.now(), pair=pair)
    except (Refusal, CannotMerge) as refusal:
        messages.error(request, str(refusal))
    else:
        told = ngettext("%(n)s card is there again", "%(n)s cards are there again", parted)
        messages.success(request, told % {"n": parted})
    return redirect("duplicates:pair", pair.pk)


def _page(request: HttpRequest, pair: Pair, *, error: str = "") -> HttpResponse:
    cards = cards_of(request, pair)
    numbers = [card.pk for card in cards]
    inside = (
        Pair.objects.visible_to(caller(request)).open().filter(low_card__in=numbers, high_card__in=numbers)
    )
    sure = [(one, words.percent_of(one), words.told(one)) for one in inside.order_by("-probability", "id")]
    marked = ids_of(request.POST.getlist("card"), MOST) if error else numbers
    kept = id_of(request.POST.get("kept")) if error else None
    context = {
        "pair": pair, "cards": cards, "rows": _rows(cards), "sure": sure, "error": error, "marked": marked,
        "kept": kept if kept in numbers else (numbers[0] if numbers else None), "name": cards[0].name if cards else "",
    }  # fmt: skip
    return render(request, "duplicates/together.html", context, status=409 if error else 200)


def _rows(cards: list[Client]) -> list[dict[str, Any]]:
    """What the cards say, a line a field, those left out that no card knows."""
    told = [
        (pgettext("person", "Name"), [card.name for card in cards]),
        (_("Birth date"), [_day(card) for card in cards]),
        (_("Phone"), [_points(card, "phone") for card in cards]),
        (_("E-mail"), [_points(card, "email") for card in cards]),
        (_("Agent"), [str(card.agent or "") for card in cards]),
        (_("Town"), [card.city for card in cards]),
        (_("Policies in force"), [str(card.policies_in_force or "") for card in cards]),
    ]
    return [
        {
            "label": label,
            "values": values,
            "same": len(set(values)) == 1,
            "differ": len(set(values) - {""}) > 1,
        }
        for label, values in told
        if any(values)
    ]


def _day(card: Client) -> str:
    return formats.full_date(card.birth_date, language()) if card.birth_date else ""


def _points(card: Client, kind: str) -> str:
    values = [point.value for point in card.contact_points.all() if point.kind == kind]
    return ", ".join(format_phone(value) if kind == "phone" else value for value in values)
