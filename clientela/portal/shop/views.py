"""The pages of the shop: what we sell, the steps of a purchase, its price, payment and policy."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh

from clientela.foundation.dates import local_today
from clientela.foundation.private_files import private_download
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.vin import looked
from clientela.modules.products.models import Product
from clientela.modules.products.queries import name_of, version_on
from clientela.portal import limits
from clientela.portal.shop import forms, operations
from clientela.portal.shop.consents import DOCUMENTS
from clientela.portal.shop.flow import FLOW, first_open, may_open, next_of, place_of
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.papers import papers_of, policy_paper
from clientela.portal.shop.pricing import example, price
from clientela.portal.shop.steps import HANDLED, StepPage, keep_facts

CODES = {"osago": "osago", "travel": "travel", "kasko": "kasko", "property": "305"}
_MOST_KEPT = 5


def _sold(line: str) -> Product:
    product = Product.objects.filter(code=CODES.get(line, ""), is_active=True).first()
    if product is None or version_on(product.code, local_today(settings.TIME_ZONE, timezone.now())) is None:
        raise Http404
    return product


def _common() -> dict[str, Any]:
    return {"company": {"name": settings.COMPANY_NAME}, "short_number": settings.SHORT_NUMBER}


def _purchase(token: str) -> Purchase:
    rows = Purchase.objects.open_at(timezone.now()).select_related(
        "product", "client", "calculation__project__next_policy"
    )
    return get_object_or_404(rows, token=token)


@require_safe
def vin(request: HttpRequest) -> HttpResponse:
    """What stands under the field of a VIN: a word of doubt, or what a VIN is. Nothing is looked up."""
    return looked(request)


@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """What we sell, each with the price of an example that is told."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    sold = []
    for line in FLOW:
        try:
            product = _sold(line)
        except Http404:
            continue
        sold.append({"line": line, "title": name_of(product), "price": example(product, line, today)})
    return render(request, "shop/shelf.html", _common() | {"sold": sold})


@require_safe
def consent(request: HttpRequest, consent_kind: str) -> HttpResponse:
    """The text of a consent, with its version."""
    found = DOCUMENTS.get(consent_kind)
    if found is None:
        raise Http404
    return render(request, "shop/consent.html", _common() | {"document": found})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request: HttpRequest, shop_line: str) -> HttpResponseBase:
    """The first step; the purchase is made when it is filled in."""
    product = _sold(shop_line)
    today = local_today(settings.TIME_ZONE, timezone.now())
    form = forms.FactsForm(request.POST or None, line=shop_line, product=product, today=today)
    refused = ""
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            return redirect("shop:shelf")
        try:
            limits.count("begin", limits.address_of(request))
        except Refusal as refusal:
            refused = str(refusal)
        else:
            now = timezone.now()
            purchase = operations.begin(now=now, product=product, line=shop_line)
            _remember(request, purchase)
            keep_facts(purchase, form)
            return redirect("shop:step", shop_token=purchase.token, shop_step=next_of(shop_line, "facts"))
    context = _common() | {
        "form": form,
        "place": place_of(shop_line, "facts"),
        "line": shop_line,
        "refused": refused,
    }
    return render(request, "shop/facts.html", context, status=422 if form.errors or refused else 200)


def _remember(request: HttpRequest, purchase: Purchase) -> None:
    """This browser typed it: it may be shown again what it typed, and its policy when it comes from the bank."""
    mine = [token for token in request.session.get("shop", []) if token != purchase.token]
    request.session["shop"] = [purchase.token, *mine][:_MOST_KEPT]


@require_safe
@never_cache
def resume(request: HttpRequest, shop_token: str) -> HttpResponseBase:
    """The link to come back."""
    purchase = _purchase(shop_token)
    project = purchase.calculation.project if purchase.calculation else None
    step_ = "done" if project is not None and project.next_policy_id else first_open(purchase)
    return redirect("shop:step", shop_token=shop_token, shop_step=step_)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def step(request: HttpRequest, shop_token: str, shop_step: str) -> HttpResponseBase:
    """One step: shown with what was typed, kept when it is sent."""
    purchase = _purchase(shop_token)
    handled = HANDLED.get(shop_step)
    if handled is None or (shop_step in ("drivers", "people") and shop_step not in FLOW[purchase.line]):
        raise Http404
    with translation.override(purchase.language):
        fixed = purchase.is_fixed and shop_step in FLOW[purchase.line] and shop_step != "check"
        if fixed or not may_open(purchase, shop_step):
            return redirect(
                "shop:step", shop_token=shop_token, shop_step="check" if fixed else first_open(purchase)
            )
        page = StepPage(request, purchase, typed_here=shop_token in request.session.get("shop", []))
        if request.method == "POST":
            try:
                limits.count("post", limits.address_of(request))
            except Refusal as refusal:
                page.refused = str(refusal)
        result = handled(page)
        if isinstance(result, HttpResponseBase):
            return result
        return _page(page, shop_step, result)


def _page(page: StepPage, name: str, told: Mapping[str, Any]) -> HttpResponse:
    purchase = page.purchase
    context = _common() | {
        "purchase": purchase, "line": purchase.line, "place": place_of(purchase.line, name), "refused": page.refused,
        "product_name": name_of(purchase.product),
        "price_place": place_of(purchase.line, "price").number, **told,
    }  # fmt: skip
    wrong = (
        page.refused
        or getattr(told.get("form"), "errors", None)
        or any(getattr(told.get("rows"), "errors", []) or [])
    )
    status = 422 if wrong and page.request.method == "POST" else 200
    return render(page.request, f"shop/{name}.html", context, status=status)


@require_safe
@never_cache
def state(request: HttpRequest, shop_token: str) -> HttpResponse:
    """Asked while a class or the policy is awaited: loads the page anew when it has come."""
    purchase = _purchase(shop_token)
    if request.GET.get("for") == "policy":
        found = papers_of(purchase)
        news = found.policy is not None and found.mark != request.GET.get("seen", "")
        return HttpResponseClientRefresh() if news else HttpResponse(status=204)
    if purchase.starts_on is None or price(purchase, now=timezone.now()).waits:
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


@require_safe
@never_cache
def policy_file(request: HttpRequest, shop_token: str) -> HttpResponseBase:
    """The policy as PDF."""
    found = policy_paper(_purchase(shop_token))
    if found is None:
        raise Http404
    return private_download(found.file, _("policy.pdf"))


@require_safe
@never_cache
def paid(request: HttpRequest, pay_token: str) -> HttpResponse:
    """On the paid page: the way to the policy, only in the browser that bought it."""
    mine = request.session.get("shop", [])
    found = (
        Purchase.objects.open_at(timezone.now())
        .filter(token__in=mine, calculation__project__pay_token=pay_token)
        .first()
    )
    if found is None:
        return HttpResponse(status=204)
    return render(request, "shop/paid.html", {"purchase": found})
