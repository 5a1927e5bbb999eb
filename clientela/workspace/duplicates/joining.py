"""Rules that join without a person: what they would join, their versions, and what they joined."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients import golden
from clientela.modules.clients.models import Client
from clientela.modules.resolution import operations
from clientela.modules.resolution.models import JoinRules, JoinRun, Pair
from clientela.workspace.duplicates import words

PAGE, SHOWN, DECIMALS = 40, 12, 4


def _may_steer(request: HttpRequest) -> bool:
    user = caller(request)
    return user.can(Permission.CLIENTS_MERGE) and user.can(Permission.ORGANISATION_WRITE)


@requires(Permission.CLIENTS_MERGE)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponseBase:
    """The rules with what they would join now; POST makes a new version."""
    now, error = operations.current_join_rules(), ""
    given = request.POST if request.method == "POST" else request.GET
    on, sources, threshold = now.on, now.sources, now.threshold
    if "threshold" in given:
        on, threshold = "on" in given, _share(given["threshold"])
        sources = [code for code in golden.SOURCES if code in given.getlist("source")]
    note = given.get("note", "").strip()[:200]
    if request.method == "POST":
        try:
            operations.set_join_rules(
                actor=caller(request), now=timezone.now(), on=on, threshold=threshold, sources=sources, note=note,
                seen=given.get("seen", ""),
            )  # fmt: skip
        except Refusal as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("The rules are in force"))
            return redirect("duplicates:rules")
    plan = operations.plan(threshold=threshold, sources=sources) if threshold else operations.Plan()
    context = {
        "on": on, "note": note, "error": error, "seen": operations.told(threshold, sources),
        "threshold": _percent(threshold) if threshold else given.get("threshold", ""),
        "sources": [(code, name, code in sources) for code, name in golden.SOURCES.items()],
        "plan": plan, "told": _told(plan), "left": left_words(plan.left), "groups": _groups(request, plan),
        "may_write": _may_steer(request), "versions": JoinRules.objects.select_related("made_by")[:20],
    }  # fmt: skip
    return render(request, "duplicates/rules.html", context, status=422 if error else 200)


def _share(text: str) -> float:
    """Percent as people write them, as a share; 0 where it is no number."""
    try:
        share = Decimal(text.replace(",", ".").replace("%", "").strip()) / 100
    except InvalidOperation:
        return 0.0
    return float(share) if share.is_finite() and 0 < share < 1 else 0.0


def _percent(share: float) -> str:
    exact = Decimal(str(round(share * 100, DECIMALS))).normalize()
    return formats.number(exact, language(), max(0, -int(exact.as_tuple().exponent)))


def _told(plan: operations.Plan) -> str:
    if not plan.groups:
        return str(_("Of what is to be decided now they would join nothing."))
    groups = len(plan.groups)
    text = ngettext("%(n)s client would be joined", "%(n)s clients would be joined", groups) % {"n": groups}
    cards = ngettext("%(n)s card fewer", "%(n)s cards fewer", plan.gone) % {"n": plan.gone}
    return f"{text}, {cards}"


def left_words(left: Any) -> list[tuple[str, int]]:
    """Why pairs stay for people, and how many."""
    reasons = {
        "source": _("a card is from a source that is not joined without a person"),
        "people": _("somebody took a decision about them back"),
        "apart": _("people said of two of the cards that they are different clients"),
        "chain": _("three cards hang together of which two do not agree"),
        "refused": _("the cards could not be joined"),
    }
    return [(str(reasons[code]), number) for code, number in left.items() if number and code in reasons]


def _groups(request: HttpRequest, plan: operations.Plan) -> list[list[Client]]:
    some = plan.groups[: SHOWN * 3]
    seen = Client.objects.visible_to(caller(request)).in_bulk([card for group in some for card in group])
    whole = [[seen[card] for card in group] for group in some if all(card in seen for card in group)]
    return whole[:SHOWN]


@require_safe
@requires(Permission.CLIENTS_MERGE)
def joins(request: HttpRequest) -> HttpResponse:
    """Runs of the rules, and what the chosen one joined."""
    runs = list(JoinRun.objects.select_related("rules")[:20])
    asked = id_of(request.GET.get("run"))
    chosen = next((run for run in runs if run.pk == asked), runs[0] if runs and asked is None else None)
    if chosen is None and asked is not None:
        chosen = get_object_or_404(JoinRun, pk=asked)
    of_run = Pair.objects.filter(join_run=chosen)
    # Of a merge that made several pairs one, the first of them stands for it.
    first = (
        of_run.filter(merge__isnull=False)
        .order_by()
        .values("merge")
        .annotate(first=Min("pk"))
        .values("first")
    )
    pairs = Pair.objects.visible_to(caller(request)).filter(join_run=chosen).select_related("merge")
    pairs = pairs.filter(Q(merge=None) | Q(pk__in=first))
    page = Paginator(pairs.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    numbers = {row.merge.kept_card if row.merge else row.low_card for row in rows}
    cards = Client.objects.visible_to(caller(request)).in_bulk(numbers)
    context = {
        "runs": runs, "chosen": chosen, "page": page, "may_write": _may_steer(request),
        "rows": [
            (row, cards.get(row.merge.kept_card if row.merge else row.low_card), words.percent_of(row)) for row in rows
        ],
        "left": left_words(chosen.left) if chosen else [],
    }  # fmt: skip
    return render(request, "duplicates/joins.html", context)


@require_POST
@requires(Permission.CLIENTS_MERGE, Permission.ORGANISATION_WRITE)
def undo_run(request: HttpRequest) -> HttpResponseBase:
    """All that a run joined is parted again, as a job."""
    run = get_object_or_404(JoinRun, pk=id_of(request.POST.get("run")))
    operations.undo_joins(actor=caller(request), now=timezone.now(), join_run=run.pk)
    messages.success(request, _("The cards are being parted"))
    return redirect(f"{reverse('duplicates:joins')}?run={run.pk}")
