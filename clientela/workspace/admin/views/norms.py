"""Renewal norms of lines and of agreements."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, caller, ensure, requires
from clientela.modules.organisation import operations
from clientela.modules.organisation.models import NormTarget
from clientela.modules.products.models import Line
from clientela.workspace.admin.forms.organisation import NormForm
from clientela.workspace.admin.views.forms_page import answer


@requires(Permission.ORGANISATION_READ)
@require_http_methods(["GET", "POST"])
def norms(request: HttpRequest) -> HttpResponse:
    """The common norms, those of agreements, and a form to set one."""
    may_write = caller(request).can(Permission.ORGANISATION_WRITE)
    edited = _edited(request)
    initial = NormForm.initial_of(edited) if edited else None
    form = NormForm(request.POST if request.method == "POST" else None, initial=initial)
    targets = NormTarget.objects.select_related("agent").order_by(
        "agent__last_name", "agent__first_name", "line"
    )[:500]
    context: dict[str, Any] = {
        "common": [target for target in targets if target.agent is None],
        "own": [target for target in targets if target.agent is not None],
        "lines": dict(Line.choices),
        "may_write": may_write,
    }
    if not may_write:
        if request.method == "POST":
            ensure(caller(request), Permission.ORGANISATION_WRITE)
        return render(request, "organisation/norms.html", context)
    return answer(
        request,
        form=form,
        act=lambda **values: operations.set_norm(actor=caller(request), now=timezone.now(), **values),
        title=_("Renewal norms"),
        back=reverse("organisation:norms"),
        done=_("Saved: it counts from tonight's calculation."),
        template="organisation/norms.html",
        **context,
    )


def _edited(request: HttpRequest) -> NormTarget | None:
    return NormTarget.objects.select_related("agent").filter(pk=id_of(request.GET.get("edit")) or 0).first()


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def removal(request: HttpRequest, norm_id: int) -> HttpResponse:
    """Take away an agreement's own norm."""
    target = get_object_or_404(NormTarget, pk=norm_id)
    try:
        operations.remove_norm(actor=caller(request), now=timezone.now(), target=target)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The common norm counts again."))
    return redirect("organisation:norms")
