"""Many deals at once: hand over, close as lost, another stage; and the list as a file."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from clientela.foundation.audit.operations import record
from clientela.foundation.ids import ids_of
from clientela.foundation.lists.export import list_file
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.sales.models import Deal, Stage
from clientela.modules.sales.operations.bulk import ACTS, act_on_many, deals_among
from clientela.modules.sales.queries.deals import chance_of
from clientela.workspace.deals.filters import DealFilter
from clientela.workspace.deals.forms import LossForm, OwnerForm, funnel_of
from clientela.workspace.deals.rows import PAGE, RELATED
from clientela.workspace.deals.views.answers import dialog, finished


class StageForm(forms.Form):
    stage = forms.ModelChoiceField(Stage.objects.none(), empty_label=None)

    def __init__(self, data: Any, deals: list[Deal]) -> None:
        super().__init__(data)
        field: Any = self.fields["stage"]
        field.label = _("Stage")
        field.queryset = Stage.objects.filter(
            is_active=True, funnel__in={deal.funnel_id for deal in deals[:1]}
        )


def _form(act: str, data: Any, request: HttpRequest, deals: list[Deal]) -> forms.Form:
    if act == "owner":
        return OwnerForm(data, request.user)
    return StageForm(data, deals) if act == "move" else LossForm(data)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALES_WRITE)
def bulk(request: HttpRequest, act: str) -> HttpResponseBase:
    """Ask once for all, then act on each; deals that cannot take it stay and are counted."""
    if act not in ACTS:
        raise Http404
    post = request.method == "POST"
    deals = deals_among(caller(request), ids_of((request.POST if post else request.GET).getlist("ids"), PAGE))
    form = _form(act, request.POST if post else None, request, deals)
    if post and deals and form.is_valid():
        outcome = act_on_many(act, deals, actor=caller(request), now=timezone.now(), **form.cleaned_data)
        done, left = len(outcome.done), len(outcome.refused)
        text = ngettext("%(n)s deal changed", "%(n)s deals changed", done) % {"n": done}
        if left:
            text += ". " + ngettext("%(n)s stays as it was", "%(n)s stay as they were", left) % {"n": left}
        kind = "warn" if left else "good"
        return finished(
            request, text=text, kind=kind, back=reverse("deals:board"), events=("clear-selection",)
        )
    titles = {
        "owner": _("Hand the deals over"),
        "move": _("Move the deals"),
        "lose": _("Close the deals as lost"),
    }
    verbs = {"owner": _("Hand over"), "move": _("Move"), "lose": _("Close as lost")}
    context = {
        "title": titles[act], "verb": verbs[act], "form": form, "kept": [("ids", deal.pk) for deal in deals],
        "lead": ngettext("%(n)s deal", "%(n)s deals", len(deals)) % {"n": len(deals)} if deals else _("Nothing is selected."),
        "kind": "danger" if act == "lose" else "primary", "action": reverse("deals:bulk", args=[act]),
        "back": reverse("deals:board"),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_GET
@requires(Permission.SALES_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The deals of the filter as a file. Every export is journaled."""
    wanted = DealFilter.read(request.GET)
    funnel = funnel_of(wanted.funnel)
    if kind not in ("csv", "xlsx") or funnel is None:
        raise Http404
    user, now = caller(request), timezone.now()
    record(
        actor=user, now=now, action="deals.exported", object_type="sales.deal", object_name=(wanted.query or "all")[:255],
        changes={"format": [None, kind]}, address=request.META.get("REMOTE_ADDR"),
    )  # fmt: skip
    deals = wanted.deals(Deal.objects.visible_to(user), funnel, now=now).select_related(*RELATED)
    rows = list(_rows(list(deals[:20_000])))
    return list_file(kind, _head(), rows, name=f"deals-{timezone.localdate()}", title=_("Deals"))


def _head() -> list[str]:
    return [
        pgettext("deal", "Number"), _("Client"), _("What is insured"), _("Stage"), _("State"), pgettext("deal", "Premium"),
        _("Chance, %"), pgettext("deal", "Next step"), _("When"), _("From"), _("Who works on it"), _("Begun"), _("Lost because"),
    ]  # fmt: skip


def _rows(deals: list[Deal]) -> Iterator[list[Any]]:
    now = timezone.now()
    for deal in deals:
        yield [
            deal.number, deal.client.name, deal.subject, str(deal.stage), str(deal.get_state_display()), deal.amount,
            chance_of(deal, now).percent, deal.next_step, timezone.localtime(deal.next_at) if deal.next_at else None,
            str(deal.source or deal.get_origin_display()), str(deal.owner or ""), timezone.localtime(deal.created_at),
            str(deal.lost_reason or ""),
        ]  # fmt: skip
