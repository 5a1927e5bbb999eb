"""The sounds callers hear: given by people, chosen for queues; and the voice that speaks all others."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.ids import id_of
from clientela.foundation.private_files import private_sound
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.calls.models import Sound
from clientela.modules.calls.operations import sounds
from clientela.workspace.calls import queries
from clientela.workspace.calls.forms import SoundForm


@require_http_methods(["GET", "POST"])
@requires(Permission.SCHEDULES_WRITE)
def home(request: HttpRequest) -> HttpResponse:
    """All sounds, a form for another one, and what each queue plays."""
    initial = {"text": request.GET.get("text", "")[:1000]}
    form = SoundForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        try:
            kept = sounds.add_sound(
                actor=request.user, now=timezone.now(), name=data["name"], text=data["text"], use=data["use"],
                data=data["file"].read(),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The sound “%(name)s” is kept") % {"name": kept.name})
            return redirect("calls:sounds")
    may_choose = caller(request).can(Permission.TELEPHONY_WRITE)
    context = {
        "form": form, "sounds": Sound.objects.filter(is_active=True), "voice": queries.voice(),
        "queues": queries.music() if may_choose else [], "may_choose": may_choose,
    }  # fmt: skip
    return render(request, "calls/sounds.html", context, status=422 if form.errors else 200)


@require_safe
@requires(Permission.CLIENTS_READ)
def recorded(request: HttpRequest, sound_id: int) -> HttpResponse:
    """The sound itself."""
    found = get_object_or_404(Sound, pk=sound_id)
    return private_sound(found.file, request.headers.get("Range", ""))


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def put_away(request: HttpRequest, sound_id: int) -> HttpResponse:
    """Choose it nowhere any more."""
    found = get_object_or_404(Sound, pk=sound_id)
    try:
        sounds.put_away(actor=request.user, now=timezone.now(), sound=found)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The sound “%(name)s” is put away") % {"name": found.name})
    return redirect("calls:sounds")


@require_POST
@requires(Permission.TELEPHONY_WRITE)
def music(request: HttpRequest) -> HttpResponse:
    """What those hear who wait in a queue."""
    chosen = Sound.objects.filter(pk=id_of(request.POST.get("sound")) or 0, is_active=True).first()
    queue = request.POST.get("queue", "")
    if queue in {code for code, _name, _sound in queries.music()}:
        sounds.choose_music(actor=request.user, now=timezone.now(), queue=queue, sound=chosen)
        messages.success(request, _("Whoever waits hears it from now on"))
    return redirect("calls:sounds")
