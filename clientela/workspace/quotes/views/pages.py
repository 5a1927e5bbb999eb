"""The list of calculations, the start of a new one, and the window itself."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of
from clientela.foundation.lists.export import list_file
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.book.queries.training import verdicts
from clientela.modules.book.rules.training import Verdict
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.products.queries import name_of, on_sale
from clientela.modules.quotes.operations import start
from clientela.modules.sales.operations.told import fill_calculations
from clientela.workspace.quotes import listing, words
from clientela.workspace.quotes.filters import CalculationFilter
from clientela.workspace.quotes.talk import deal_of
from clientela.workspace.quotes.views.base import context_of, find, who


@require_GET
@requires(Permission.CONTRACTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Calculations this person may see, the newest first."""
    person, wanted = caller(request), CalculationFilter.read(request.GET)
    page = listing.page(
        person, wanted, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = {
        "wanted": wanted, "page": page, "rows": listing.rows(page.rows), "states": listing.states(wanted),
        "products": (goods := listing.products(wanted)), "whose": listing.whose(wanted),
        "chosen_product": next((one["label"] for one in goods[1:] if one["current"]), ""), "export_url": f"{reverse('quotes:export')}?{wanted.query}",
        "may_export": person.can(Permission.CLIENTS_EXPORT), "may_write": person.can(Permission.CONTRACTS_WRITE),
    }  # fmt: skip
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    part = htmx and htmx.target == "quotes-list"
    return render(request, "quotes/rows.html" if part else "quotes/list.html", context)


@require_GET
@requires(Permission.CONTRACTS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as a file; who took it stands in the journal."""
    person, wanted = caller(request), CalculationFilter.read(request.GET)
    record(actor=person, now=timezone.now(), action="calculations.exported", object_type="quotes.calculation")
    heads = [
        _("Number"),
        _("Client"),
        _("Product"),
        _("State"),
        _("Cover begins"),
        _("Premium"),
        _("Changed at"),
    ]
    return list_file("csv", heads, listing.exported(person, wanted), name="calculations")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONTRACTS_WRITE)
def new(request: HttpRequest) -> HttpResponseBase:
    """Choose what is calculated; with a product (or an expiring term) it begins at once."""
    person, given = caller(request), request.POST or request.GET
    policy_id, client_id = id_of(given.get("policy")), id_of(given.get("client"))
    if not given.get("policy") and not given.get("client"):
        return redirect("clients:list")  # a calculation begins with a client
    policy = get_object_or_404(Policy.objects.visible_to(person), pk=policy_id) if policy_id else None
    client = (
        policy.client if policy else get_object_or_404(Client.objects.visible_to(person), pk=client_id or 0)
    )
    code = given.get("product", "")
    product = policy.product if policy else Product.objects.filter(code=code, is_active=True).first()
    if request.method == "POST" and product is not None:
        try:
            calculation = start(
                **who(request), client=client, product=product, policy=policy,
                request_ref=id_of(given.get("request")), deal_ref=id_of(given.get("deal")),
            )  # fmt: skip
            if (deal := deal_of(calculation, person)) is not None:
                fill_calculations(actor=person, now=timezone.now(), deal=deal)
        except Refusal as refusal:
            return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
        url = reverse("quotes:window", args=[calculation.pk])
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect(url)
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    context = {
        "client": client, "choices": _choices(client, person, policy, product), "request_ref": given.get("request", ""),
        "deal_ref": given.get("deal", ""), "title": _("New calculation"), "part": "quotes/parts/new.html",
    }  # fmt: skip
    whole = not request.htmx  # type: ignore[attr-defined]
    return render(request, "quotes/dialog_page.html" if whole else "quotes/dialog.html", context)


def _choices(client: Client, person: User, policy: Policy | None, product: Product | None) -> dict[str, Any]:
    """What the client has and may renew, and what may be sold anew; what is meant comes first."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    terms = Policy.objects.filter(
        client=client, status=Policy.Status.ISSUED, end_date__gte=today, next_terms=None
    )
    found = list(terms.select_related("product", "insured_object").order_by("end_date")[:8])
    sold = list(on_sale())
    known = verdicts(person, {one.pk for one in sold} | {one.product_id for one in found}, today)
    anew = product if policy is None else None
    found.sort(key=lambda one: one != policy)
    sold.sort(key=lambda one: one != anew)
    return {
        "terms": [
            {
                "id": one.pk,
                "meant": one == policy,
                "name": name_of(one.product),
                "policy": one,
                "admission": known[one.product_id],
                "soon": _days(known[one.product_id], today),
            }
            for one in found
        ],
        "products": [
            {
                "code": one.code,
                "meant": one == anew,
                "name": name_of(one),
                "admission": known[one.pk],
                "soon": _days(known[one.pk], today),
            }
            for one in sold
        ],
    }


def _days(verdict: Verdict, today: date) -> int | None:
    """Days that are left to pass the test, once that has to be soon."""
    return verdict.days_left(today) if verdict.is_soon(today) else None


@require_safe
@requires(Permission.CONTRACTS_READ)
def window(request: HttpRequest, calculation_id: int) -> HttpResponse:
    """The one window: everything of the sale on one page."""
    context = context_of(request, find(request, calculation_id))
    part = request.htmx and request.htmx.target == "quote"  # type: ignore[attr-defined]
    return render(request, "quotes/body.html" if part else "quotes/window.html", context)


__all__ = ["export", "home", "new", "window", "words"]
