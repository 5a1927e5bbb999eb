"""How every act of the one window answers: the page's body as it is now, or the form with its errors."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django_htmx.http import retarget, trigger_client_event

from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import caller
from clientela.modules.book.queries.training import may_sell
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.operations import StaleCalculation
from clientela.workspace.quotes.forms import QuestionsForm
from clientela.workspace.quotes.household import household_of
from clientela.workspace.quotes.payment import payment_of
from clientela.workspace.quotes.talk import deal_of
from clientela.workspace.quotes.window import Window, loaded


def find(request: HttpRequest, calculation_id: int) -> Calculation:
    """A calculation this person may see, with everything the page names."""
    rows = loaded(Calculation.objects.visible_to(caller(request)))
    return get_object_or_404(rows, pk=calculation_id)


def find_variant(request: HttpRequest, variant_id: int) -> Variant:
    """A variant of a calculation this person may see."""
    rows = Variant.objects.filter(calculation__in=Calculation.objects.visible_to(caller(request)))
    return get_object_or_404(rows.select_related("calculation"), pk=variant_id)


def who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def version_of(request: HttpRequest) -> int | None:
    """The version that the page shows."""
    return id_of(request.POST.get("version"))


def context_of(request: HttpRequest, calculation: Calculation, *, form: Any = None) -> dict[str, Any]:
    """Everything the body shows."""
    user = caller(request)
    window = Window(calculation, today=local_today(settings.TIME_ZONE, timezone.now()))
    may = user.can("contracts.write")
    admission = may_sell(user, calculation.product, window.today) if may and window.goes_on else None
    blocked = admission is not None and not admission.allowed
    form = form or QuestionsForm(window.questions, saved=calculation.answers, origins=calculation.origins)
    near = household_of(user, calculation.client, window.today) if may and window.goes_on else []
    return {
        "window": window, "household": near, "calculation": calculation, "form": form, "may": may,
        "editable": may and window.editable and not blocked, "may_close": may and window.editable,
        "admission": admission, "blocked": blocked,
        "soon": admission.days_left(window.today) if admission and admission.is_soon(window.today) else None,
        "payment": payment_of(user, calculation), "may_pay": user.can("payments.write"),
        "may_contact": user.can("contacts.write"),
        "answering": any(name.startswith("q-") for name in request.POST),
        "talks": user.can("sales.read") and deal_of(calculation, user) is not None,
    }  # fmt: skip


def body(
    request: HttpRequest, calculation_id: int, *, form: Any = None, say: str = "", kind: str = "good"
) -> HttpResponse:
    """The body as it is now; a plain request gets the whole page."""
    calculation = find(request, calculation_id)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("quotes:window", calculation_id)
    response = render(request, "quotes/body.html", context_of(request, calculation, form=form))
    retarget(response, "#quote")
    response["HX-Reswap"] = "outerHTML"
    if say:
        trigger_client_event(response, "toast", {"text": say, "kind": kind})
    return response


def acted(
    request: HttpRequest,
    calculation: Calculation,
    act: Callable[[], Any],
    *,
    say: str = "",
    close: bool = True,
) -> HttpResponseBase:
    """Do it and show the body; a refusal is told beside what stands now."""
    try:
        act()
    except Refusal as refusal:
        return refused(request, calculation, refusal, close=close)
    response = body(request, calculation.pk, say=say)
    if close:
        trigger_client_event(response, "close-modal", {})
    return response


def refused(
    request: HttpRequest, calculation: Calculation, refusal: Refusal, *, close: bool = True
) -> HttpResponse:
    """What stands now, and why the act was not done."""
    kind = "warn" if isinstance(refusal, StaleCalculation) else "bad"
    response = body(request, calculation.pk, say=str(refusal), kind=kind)
    if close:
        trigger_client_event(response, "close-modal", {})
    return response


def dialog(
    request: HttpRequest, calculation: Calculation, part: str, title: str, **context: Any
) -> HttpResponse:
    """A form over the page, or a page of its own without scripts."""
    context |= {"calculation": calculation, "title": title, "part": f"quotes/parts/{part}.html"}
    whole = not request.htmx  # type: ignore[attr-defined]
    status = 422 if request.method == "POST" else 200
    return render(
        request, "quotes/dialog_page.html" if whole else "quotes/dialog.html", context, status=status
    )


__all__ = [
    "Http404",
    "acted",
    "body",
    "context_of",
    "dialog",
    "find",
    "find_variant",
    "refused",
    "version_of",
    "who",
]
