"""The photo on the card: brought, shown, taken off, brought back."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clientela.foundation.private_files import private_picture
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients import operations
from clientela.modules.clients.models import Client, Photo
from clientela.workspace.clients import forms
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.clients.views.found import client_of, posted

WRITE = requires(Permission.CLIENTS_WRITE)


@WRITE
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_of(request, pk)
    form = forms.PhotoForm(posted(request), request.FILES or None)

    def run(data: dict[str, Any]) -> Photo:
        return operations.set_photo(actor=request.user, now=timezone.now(), client=client, file=data["file"])

    return act(
        request, form, Act(_("Photo"), _("Save"), _("Photo saved"), run, multipart=True), client=client
    )


@requires(Permission.CLIENTS_READ)
@require_GET
def picture(request: HttpRequest, token: str) -> FileResponse:
    visible = Client.objects.visible_to(request.user).values("pk")
    found = get_object_or_404(Photo, token=token, removed_at__isnull=True, client__in=visible)
    return private_picture(found.file)


def _photo(request: HttpRequest, pk: int) -> Photo:
    return get_object_or_404(Photo.objects.select_related("client"), client=client_of(request, pk))


@WRITE
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = _photo(request, pk)
    operations.remove_photo(actor=request.user, now=timezone.now(), photo=found)
    return done(request, found.client, _("Photo removed"), undo_url=reverse("clients:photo_back", args=[pk]))


@WRITE
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    found = _photo(request, pk)
    operations.restore_photo(actor=request.user, now=timezone.now(), photo=found)
    return done(request, found.client, _("Photo brought back"))
