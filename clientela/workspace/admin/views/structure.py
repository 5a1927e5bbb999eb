"""The organisation tree, branches, teams and renewal centres."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.organisation import operations
from clientela.modules.organisation.models import Branch, RenewalCentre, Team
from clientela.workspace.admin.forms.organisation import BranchForm, CentreForm, TeamForm
from clientela.workspace.admin.queries import organisation as queries
from clientela.workspace.admin.queries.bounded import bounded_count
from clientela.workspace.admin.views.forms_page import answer

SHOWN = 50


@requires(Permission.ORGANISATION_READ)
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """The company at the left, the chosen part of it with its people at the right."""
    key = request.GET.get("node", "company")
    place = queries.place_of(caller(request), key)
    if place is None and key != "company":
        raise Http404
    filters: dict[str, Any] = (
        {type(place).__name__.lower().replace("renewalcentre", "centre"): place} if place else {}
    )
    agents = queries.agents(caller(request), filters)
    clients = Client.objects.visible_to(caller(request)).filter(
        **filters if not isinstance(place, Team) else {"agent__team": place}
    )
    total = agents.count()
    context = {
        "nodes": queries.tree(caller(request), key),
        "place": place,
        "kind": type(place).__name__,
        "company": settings.COMPANY_NAME,
        "agents": queries.with_figures(list(agents[:SHOWN])),
        "agents_total": total,
        "agents_more": f"{reverse('organisation:agents')}?{next(iter(filters), 'branch')}={place.pk if place else ''}",
        "staff": queries.staff_of(caller(request), place),
        "clients": bounded_count(clients),
        "may_write": caller(request).can(Permission.ORGANISATION_WRITE),
    }
    return render(request, "organisation/tree.html", context)


def _form(request: HttpRequest, form_class: Any, row: Any = None) -> Any:
    return form_class(request.POST or None, instance=row)


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def create_branch(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        form=_form(request, BranchForm),
        act=lambda **values: operations.create_branch(actor=caller(request), now=timezone.now(), **values),
        title=_("New branch"),
        back=reverse("organisation:tree"),
        done=_("The branch is made."),
    )


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def branch(request: HttpRequest, branch_id: int) -> HttpResponse:
    row = get_object_or_404(Branch, pk=branch_id)
    return answer(
        request,
        form=_form(request, BranchForm, get_object_or_404(Branch, pk=branch_id)),
        act=lambda **values: operations.change_branch(
            actor=caller(request), now=timezone.now(), branch=row, **values
        ),
        title=row.name,
        back=f"{reverse('organisation:tree')}?node=branch-{row.pk}",
        done=_("Saved."),
    )


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def create_team(request: HttpRequest, branch_id: int) -> HttpResponse:
    of = get_object_or_404(Branch, pk=branch_id)
    return answer(
        request,
        form=_form(request, TeamForm, Team(branch=of)),
        act=lambda name: operations.create_team(
            actor=caller(request), now=timezone.now(), branch=of, name=name
        ),
        title=_("New team: %(branch)s") % {"branch": of},
        back=f"{reverse('organisation:tree')}?node=branch-{of.pk}",
        done=_("The team is made."),
    )


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    row = get_object_or_404(Team, pk=team_id)
    return answer(
        request,
        form=_form(request, TeamForm, get_object_or_404(Team, pk=team_id)),
        act=lambda name: operations.change_team(
            actor=caller(request), now=timezone.now(), team=row, name=name
        ),
        title=row.name,
        back=f"{reverse('organisation:tree')}?node=team-{row.pk}",
        done=_("Saved."),
        removal=reverse("organisation:team_removal", args=[row.pk]),
    )


@requires(Permission.ORGANISATION_WRITE)
@require_POST
def remove_team(request: HttpRequest, team_id: int) -> HttpResponse:
    row = get_object_or_404(Team, pk=team_id)
    try:
        operations.remove_team(actor=caller(request), now=timezone.now(), team=row)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("organisation:team", team_id)
    messages.success(request, _("The team is removed."))
    return redirect(f"{reverse('organisation:tree')}?node=branch-{row.branch_id}")


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def create_centre(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        form=_form(request, CentreForm),
        act=lambda **values: operations.create_centre(actor=caller(request), now=timezone.now(), **values),
        title=_("New renewal centre"),
        back=reverse("organisation:tree"),
        done=_("The renewal centre is made."),
    )


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def centre(request: HttpRequest, centre_id: int) -> HttpResponse:
    row = get_object_or_404(RenewalCentre, pk=centre_id)
    return answer(
        request,
        form=_form(request, CentreForm, get_object_or_404(RenewalCentre, pk=centre_id)),
        act=lambda **values: operations.change_centre(
            actor=caller(request), now=timezone.now(), centre=row, **values
        ),
        title=row.name,
        back=f"{reverse('organisation:tree')}?node=centre-{row.pk}",
        done=_("Saved."),
    )
