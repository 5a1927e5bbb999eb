"""Our numbers and the menus that callers hear."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.calls.models import Menu, Number
from clientela.modules.calls.operations import numbers
from clientela.workspace.calls.forms import MenuForm, NumberForm, key_forms


@require_safe
@requires(Permission.TELEPHONY_WRITE)
def home(request: HttpRequest) -> HttpResponse:
    """All numbers and menus."""
    rows = Number.objects.select_related("branch", "centre", "menu")
    return render(
        request, "calls/setup.html", {"numbers": rows, "menus": Menu.objects.prefetch_related("numbers")}
    )


@requires(Permission.TELEPHONY_WRITE)
def number(request: HttpRequest, number_id: int | None = None) -> HttpResponse:
    """Set up a number."""
    kept = get_object_or_404(Number, pk=number_id) if number_id else None
    form = NumberForm.of(kept, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            numbers.save_number(actor=request.user, now=timezone.now(), number=kept, values=form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("The number is set up"))
            return redirect("calls:setup")
    return render(
        request, "calls/number.html", {"form": form, "number": kept}, status=422 if form.errors else 200
    )


@requires(Permission.TELEPHONY_WRITE)
def menu(request: HttpRequest, menu_id: int | None = None) -> HttpResponse:
    """Write a menu."""
    kept = get_object_or_404(Menu, pk=menu_id) if menu_id else None
    data = request.POST if request.method == "POST" else None
    form, keys = MenuForm.of(kept, data), key_forms(kept, data)
    if form.is_valid() and all(one.is_valid() for _key, one in keys):
        said: list[dict[str, Any]] = [made for key, one in keys if (made := one.key(key))]
        try:
            numbers.save_menu(
                actor=request.user, now=timezone.now(), menu=kept, values=form.cleaned_data, keys=said
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The menu is kept"))
            return redirect("calls:setup")
    context = {"form": form, "keys": keys, "menu": kept}
    return render(request, "calls/menu.html", context, status=422 if form.errors else 200)
