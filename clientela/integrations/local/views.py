"""The bank's page of the demo: no card is asked for, only what is to happen."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clientela.integrations.local import bank as banks
from clientela.modules.billing.operations import hear
from clientela.modules.billing.ports import NotThere, Refused

OURS = f"{banks.__name__}.{banks.from_environment.__name__}"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def bank(request: HttpRequest, bank_payment: str) -> HttpResponse:
    """A payment of the local bank; a POST pays it, or refuses it with ``no``. Nothing here where another bank is set."""
    if OURS not in settings.ACQUIRERS.values():
        raise Http404
    local, now = banks.from_environment(), timezone.now()
    try:
        page = local.page(bank_payment)
        if request.method != "POST":
            return render(request, "local/bank.html", {"payment": page, "company": settings.COMPANY_NAME})
        (local.decline if "no" in request.POST else local.pay)(bank_payment)
    except NotThere as unknown:
        raise Http404 from unknown
    except Refused:  # paid or refused before: the shop's page tells
        pass
    hear(now=now, provider=local.code, payment_id=bank_payment)
    return redirect(page["return_url"])
