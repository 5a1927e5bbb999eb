"""The list of contracts and its file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import list_file
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.workspace.policies import listing
from clientela.workspace.policies.listing import PolicyFilter


@require_safe
@requires(Permission.CONTRACTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Contracts of the clients this person may see."""
    person, wanted = caller(request), PolicyFilter.read(request.GET)
    page = listing.page(
        person, wanted, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = {
        "wanted": wanted, "page": page, "rows": listing.rows(page.rows), "states": listing.states(wanted),
        "products": listing.products(wanted), "channels": listing.channels(wanted),
        "may_export": person.can(Permission.CLIENTS_EXPORT),
        "csv_url": f"{reverse('policies:export_csv')}?{wanted.query}",
        "xlsx_url": f"{reverse('policies:export_xlsx')}?{wanted.query}",
    }  # fmt: skip
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    part = htmx and htmx.target == "policies-list"
    return render(request, "policies/parts/rows.html" if part else "policies/list.html", context)


@require_safe
@requires(Permission.CONTRACTS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list as a file; who took it stands in the journal."""
    person, wanted = caller(request), PolicyFilter.read(request.GET)
    record(actor=person, now=timezone.now(), action="policies.exported", object_type="contracts.policy")
    rows = listing.exported(person, wanted)
    return list_file(kind, listing.heads(), rows, name="policies", title=_("Contracts"))
