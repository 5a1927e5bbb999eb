"""Deals by hand, from a renewal, from advice; the advice of a client."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.ids import id_of
from clientela.foundation.names import name_key
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import by_name
from clientela.modules.products.models import Product
from clientela.modules.renewals.models import Renewal
from clientela.modules.sales.models import Advice, Deal
from clientela.modules.sales.operations.advice import (
    AdviceClosed,
    deal_of_advice,
    decline_advice,
    offer_advice,
)
from clientela.modules.sales.operations.deals import Start, start_deal
from clientela.modules.sales.queries.advice import with_sources
from clientela.modules.sales.queries.deals import funnel_for
from clientela.modules.sales.rules.fields import BadField, as_value
from clientela.workspace.deals.forms import DeclineForm, StartForm
from clientela.workspace.deals.views.answers import dialog, finished, go


@require_http_methods(["GET", "POST"])
@requires(Permission.SALES_WRITE)
def new(request: HttpRequest) -> HttpResponseBase:
    """A deal by hand: with a client that is found by name, phone or number."""
    user = caller(request)
    client = Client.objects.visible_to(user).filter(pk=id_of(request.GET.get("client")) or 0).first()
    form = StartForm(request.POST or None, user, {"client": client.pk if client else None})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        product = Product.objects.get(pk=values["product"])
        try:
            amount = as_value("amount", values["amount"], zone=user.time_zone, questions={})
        except BadField as refusal:
            form.add_error("amount", str(refusal.message))
        else:
            deal = start_deal(
                actor=user, now=timezone.now(), client=values["client"], product=product, subject=values["subject"], amount=amount,
                start=Start(origin=Deal.Origin.CLIENT, source=values["source"]), funnel=funnel_for(product.line),
            )  # fmt: skip
            return go(request, reverse("deals:deal", args=[deal.pk]) + f"?funnel={deal.funnel.code}")
    chosen = form["client"].value()
    context = {
        "title": _("New deal"), "form": form, "verb": _("Begin"), "action": reverse("deals:new"),
        "back": reverse("deals:board"), "part": "deals/parts/new.html",
        "client": Client.objects.visible_to(user).filter(pk=id_of(str(chosen or "")) or 0).first(),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_GET
@requires(Permission.SALES_WRITE)
def find(request: HttpRequest) -> HttpResponse:
    """Clients to choose from for a new deal, by the beginning of the name."""
    key = name_key(request.GET.get("who", "").replace("\x00", "")[:80])
    found = by_name(request.user, key).order_by("name_key", "id")[:8] if len(key) > 1 else []
    return render(request, "deals/parts/found.html", {"found": found, "asked": bool(key)})


@require_POST
@requires(Permission.SALES_WRITE, Permission.RENEWALS_READ)
def of_renewal(request: HttpRequest, renewal_id: int) -> HttpResponseBase:
    """A term that needs a talk becomes a deal; the deal that it is already is opened."""
    rows = Renewal.objects.visible_to(request.user).select_related(
        "policy__product", "policy__insured_object", "client__agent__user"
    )
    term = get_object_or_404(rows, pk=renewal_id)
    start = Start(origin=Deal.Origin.RENEWAL, origin_id=term.pk, renews=term.policy)
    deal = start_deal(
        actor=caller(request), now=timezone.now(), client=term.client, start=start, amount=term.next_premium
    )
    return go(request, reverse("deals:deal", args=[deal.pk]) + f"?funnel={deal.funnel.code}")


def _advice(request: HttpRequest, pk: int) -> Advice:
    return get_object_or_404(Advice.objects.visible_to(request.user).select_related("client", "rule"), pk=pk)


@require_GET
@requires(Permission.SALES_READ)
def of_client(request: HttpRequest, client_id: int) -> HttpResponse:
    """Deals and advice on the client's card."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    advice = (
        Advice.objects.filter(client=client).select_related("rule", "by").order_by("closed_at", "-advised_at")
    )
    context = {
        "client": client,
        "advice": with_sources([one for one in advice if one.state != Advice.State.DROPPED][:8], now=timezone.now()),
        "deals": Deal.objects.filter(client=client).open().select_related("stage", "funnel").order_by("-id")[:5],
        "may_write": caller(request).can(Permission.SALES_WRITE),
    }  # fmt: skip
    return render(request, "deals/parts/client.html", context)


@require_POST
@requires(Permission.SALES_WRITE)
def offer(request: HttpRequest, advice_id: int) -> HttpResponseBase:
    """The client was told."""
    found = _advice(request, advice_id)
    back = reverse("clients:card", args=[found.client_id])
    try:
        offer_advice(actor=caller(request), now=timezone.now(), advice=found)
    except AdviceClosed as refusal:
        return finished(request, text=str(refusal), kind="warn", back=back)
    return finished(request, text=_("Noted: offered"), back=back)


@require_http_methods(["GET", "POST"])
@requires(Permission.SALES_WRITE)
def decline(request: HttpRequest, advice_id: int) -> HttpResponseBase:
    """The client does not want it, and why."""
    found = _advice(request, advice_id)
    back = reverse("clients:card", args=[found.client_id])
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = decline_advice(
                actor=caller(request), now=timezone.now(), advice=found, **form.cleaned_data
            )
        except Refusal as refusal:
            return finished(request, text=str(refusal), kind="warn", back=back)
        day = f"{kept.not_before:%d.%m.%Y}" if kept.not_before else ""
        return finished(request, text=_("Noted. Not advised again before %(day)s") % {"day": day}, back=back)
    context = {
        "title": _("%(line)s: declined") % {"line": found.get_line_display()}, "form": form, "verb": _("Save"), "back": back,
        "action": reverse("deals:decline", args=[found.pk]),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_POST
@requires(Permission.SALES_WRITE)
def of_advice(request: HttpRequest, advice_id: int) -> HttpResponseBase:
    """The client is interested."""
    found = _advice(request, advice_id)
    try:
        deal = deal_of_advice(actor=caller(request), now=timezone.now(), advice=found)
    except AdviceClosed as refusal:
        return finished(
            request, text=str(refusal), kind="warn", back=reverse("clients:card", args=[found.client_id])
        )
    return go(request, reverse("deals:deal", args=[deal.pk]) + f"?funnel={deal.funnel.code}")
