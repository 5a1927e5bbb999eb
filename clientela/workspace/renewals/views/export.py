"""The board as a file at once: CSV of any length, streamed; XLSX of as many rows as a sheet may have."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clientela.foundation.lists.export import list_file
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.renewals.exporting import export_head, export_rows, note_export
from clientela.workspace.renewals.filters import BoardFilter


@require_GET
@requires(Permission.RENEWALS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The file of the filter in the address. Every export is journaled."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    wanted, today = BoardFilter.read(request.GET), timezone.localdate()
    address = request.META.get("REMOTE_ADDR")
    note_export(actor=request.user, now=timezone.now(), wanted=wanted, kind=kind, address=address)
    rows = export_rows(request.user, wanted, today=today)
    return list_file(kind, export_head(), rows, name=f"renewals-{today.isoformat()}", title=_("Renewals"))
