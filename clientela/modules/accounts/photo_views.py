"""The photo of a person who works here: shown to colleagues, set by the person or who manages the organisation."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.private_files import private_picture
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts import operations
from clientela.modules.accounts.access import caller, signed_in
from clientela.modules.accounts.models import User


@signed_in
@require_GET
def picture(request: HttpRequest, token: str) -> FileResponse:
    """A colleague's photo, for everybody who works here."""
    return private_picture(get_object_or_404(User, photo_token=token).photo)


def bring(request: HttpRequest, user: User, *, back: str) -> HttpResponse:
    """Keep the picture of the form as the photo of ``user``."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise FileRefused(_("Choose a picture."))
        operations.set_photo(actor=caller(request), now=timezone.now(), user=user, file=file)
    except FileRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Photo saved"))
    return redirect(back)


def take_off(request: HttpRequest, user: User, *, back: str, undo: str) -> HttpResponse:
    """Take the photo of ``user`` off; ``undo`` brings it back."""
    operations.remove_photo(actor=caller(request), now=timezone.now(), user=user)
    messages.success(request, _("Photo removed"), extra_tags=undo)
    return redirect(back)


def bring_back(request: HttpRequest, user: User, *, back: str) -> HttpResponse:
    """Undo ``take_off``."""
    operations.restore_photo(actor=caller(request), now=timezone.now(), user=user)
    messages.success(request, _("Photo brought back"))
    return HttpResponseClientRedirect(back) if request.htmx else redirect(back)  # type: ignore[attr-defined]


@signed_in
@require_POST
def set_own(request: HttpRequest) -> HttpResponse:
    return bring(request, caller(request), back=reverse("accounts:settings"))


@signed_in
@require_POST
def remove_own(request: HttpRequest) -> HttpResponse:
    undo = reverse("accounts:photo_back")
    return take_off(request, caller(request), back=reverse("accounts:settings"), undo=undo)


@signed_in
@require_POST
def restore_own(request: HttpRequest) -> HttpResponse:
    return bring_back(request, caller(request), back=reverse("accounts:settings"))
