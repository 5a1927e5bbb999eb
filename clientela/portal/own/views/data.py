"""Everything that we keep about the client, in one archive for them."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.private_files import private_download
from clientela.modules.privacy.models import DataFile
from clientela.modules.privacy.operations import AlreadyAsked, ask_data, take_data
from clientela.portal.own.access import OwnRequest, common, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def data(request: OwnRequest) -> HttpResponse:
    """Ask for the archive, and find it here when it is made."""
    now = timezone.now()
    if request.method == "POST":
        try:
            ask_data(actor=None, now=now, client=request.owner)
        except AlreadyAsked:
            messages.warning(request, _("The archive is being made or is ready already."))
        return redirect("own:data")
    files = DataFile.objects.filter(client=request.owner, asked_by=None).kept_at(now)
    return render(request, "own/data.html", common(request) | {"files": files})


@require_safe
@signed_in
def file(request: OwnRequest, data_file_id: int) -> HttpResponseBase:
    """The client's own archive; one that a colleague asked for is not theirs to take here."""
    now = timezone.now()
    rows = DataFile.objects.filter(client=request.owner, asked_by=None).kept_at(now)
    row = get_object_or_404(rows, pk=data_file_id)
    if not row.file:
        raise Http404
    take_data(actor=None, now=now, row=row)
    return private_download(row.file, "data.zip")
