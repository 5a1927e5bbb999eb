"""Agents: list, card with the contacts that clients see, and the hand-over of a portfolio."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.regions import BY_CODE
from clientela.modules.accounts.access import Permission, caller, requires, signed_in
from clientela.modules.organisation import operations
from clientela.modules.organisation.models import Agent
from clientela.modules.organisation.queries import absence_planned_by, agents_visible_to, portfolios_moved_by
from clientela.modules.products.models import Line
from clientela.workspace.admin import transfer, transfer_back
from clientela.workspace.admin.forms.organisation import AgentFilter, AgentForm, ContactsForm, TransferForm
from clientela.workspace.admin.queries import absences
from clientela.workspace.admin.queries import organisation as queries
from clientela.workspace.admin.views.absences import telling_of_ended
from clientela.workspace.admin.views.forms_page import add_errors, answer

PAGE = 50
STALE_DAYS = 365


@requires(Permission.ORGANISATION_READ)
@require_GET
def agents(request: HttpRequest) -> HttpResponse:
    """Agents with their agreements, norms and clients."""
    form = AgentFilter(request.GET, user=caller(request))
    filters = form.chosen()
    page = Paginator(queries.agents(caller(request), filters), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "filters": filters,
        "page": page,
        "agents": queries.with_figures(list(page.object_list)),
        "order": filters.get("order", "name"),
        "may_write": caller(request).can(Permission.ORGANISATION_WRITE),
    }
    return render(request, "organisation/agents.html", context)


def _visible(request: HttpRequest, agent_id: int) -> Agent:
    rows = agents_visible_to(caller(request)).select_related("branch", "team", "centre", "user")
    return get_object_or_404(rows, pk=agent_id)


@signed_in
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The agent's own card."""
    own = Agent.objects.filter(user=caller(request)).first()
    if own is None:
        raise Http404
    return redirect("organisation:agent", own.pk)


def _card(request: HttpRequest, agent: Agent, **context: Any) -> dict[str, Any]:
    own = agent.user_id == caller(request).pk
    may_write = caller(request).can(Permission.ORGANISATION_WRITE)
    confirmed = agent.contacts_confirmed_at
    return {
        "agent": agent,
        "row": queries.with_figures([agent])[0],
        "form": ContactsForm(instance=agent),
        "specialisations": [Line(code).label for code in agent.specialisations if code in Line.values],
        "territories": _region_names(agent.territories or agent.branch.regions),
        "may_edit": own or may_write,
        "may_write": may_write,
        "own": own,
        "may_move": portfolios_moved_by(caller(request)).filter(pk=agent.pk).exists(),
        "moving": transfer.under_way(agent),
        "undoable": transfer_back.undoable(agent, actor=caller(request), now=timezone.now()),
        "undone": transfer_back.undone(agent, actor=caller(request), now=timezone.now()),
        "absences": absences.of_person(caller(request), agent.user, today=timezone.localdate())
        if agent.user
        else [],
        "may_plan": absence_planned_by(caller(request)).filter(pk=agent.user_id or 0).exists(),
        "stale": confirmed is None or (timezone.now() - confirmed).days > STALE_DAYS,
    } | context


def _region_names(codes: list[str]) -> list[str]:
    english = (get_language() or "ru").startswith("en")
    known = [BY_CODE[code] for code in codes if code in BY_CODE]
    return [region.name_en if english else region.name_ru for region in known]


@signed_in
@require_GET
def agent(request: HttpRequest, agent_id: int) -> HttpResponse:
    """An agent's card: agreement, norms, and what clients see."""
    return render(request, "organisation/agent.html", _card(request, _visible(request, agent_id)))


@signed_in
@require_POST
def contacts(request: HttpRequest, agent_id: int) -> HttpResponse:
    """Change what clients see: the agent, or who manages the organisation."""
    row = _visible(request, agent_id)
    form = ContactsForm(request.POST, instance=_visible(request, agent_id))
    if form.is_valid():
        try:
            operations.change_contacts(
                actor=caller(request), now=timezone.now(), agent=row, **form.cleaned_data
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved: the next message carries these contacts."))
            return redirect("organisation:agent", agent_id)
    fresh = _visible(request, agent_id)
    return render(request, "organisation/agent.html", _card(request, fresh, form=form), status=422)


@signed_in
@require_POST
def confirmation(request: HttpRequest, agent_id: int) -> HttpResponse:
    """The contacts are still right."""
    operations.confirm_contacts(actor=caller(request), now=timezone.now(), agent=_visible(request, agent_id))
    messages.success(request, _("Confirmed."))
    return redirect("organisation:agent", agent_id)


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def create_agent(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        form=AgentForm(request.POST or None),
        act=lambda **values: operations.create_agent(actor=caller(request), now=timezone.now(), **values),
        title=_("New agent"),
        back=reverse("organisation:agents"),
        done=_("The agent's card is made."),
    )


@requires(Permission.ORGANISATION_WRITE)
@require_http_methods(["GET", "POST"])
def change_agent(request: HttpRequest, agent_id: int) -> HttpResponse:
    row = _visible(request, agent_id)

    def act(**values: Any) -> None:
        with telling_of_ended(request, row.user):
            operations.change_agent(actor=caller(request), now=timezone.now(), agent=row, **values)

    return answer(
        request,
        form=AgentForm(request.POST or None, instance=_visible(request, agent_id)),
        act=act,
        title=str(row),
        back=reverse("organisation:agent", args=[row.pk]),
        done=_("Saved."),
    )


@requires(Permission.ORGANISATION_READ)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, agent_id: int) -> HttpResponse:
    """Hand all clients of an agent over to another one; runs as a job. A head of branch does it within the branch."""
    movable = portfolios_moved_by(caller(request))
    row = get_object_or_404(movable.select_related("branch"), pk=agent_id)
    return answer(
        request,
        form=TransferForm(request.POST or None, movable=movable),
        act=lambda to, reason: transfer.request_transfer(
            actor=caller(request), now=timezone.now(), agent=row, to=to, reason=reason
        ),
        title=_("Hand over the portfolio: %(agent)s") % {"agent": row},
        back=reverse("organisation:agent", args=[row.pk]),
        done=_("The hand-over has begun; its progress is on the card."),
        template="organisation/transfer.html",
        undo=lambda job: reverse("organisation:transfer_undo", args=[job.pk]),
        agent=row,
        preview=transfer.preview(row),
        colleagues=movable.filter(is_active=True, branch=row.branch).exclude(pk=row.pk)[:300],
    )


@requires(Permission.ORGANISATION_READ)
@require_POST
def undo_hand_over(request: HttpRequest, job_id: int) -> HttpResponse:
    """Take a hand-over of the last day back; runs as a job."""
    job = transfer_back.find(job_id, actor=caller(request))
    try:
        back = transfer_back.request_undo(actor=caller(request), now=timezone.now(), job=job)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        nothing = back.pk == job.pk
        messages.success(
            request, _("Stopped before it began.") if nothing else _("The way back has begun; see the card.")
        )
    url = reverse("organisation:agent", args=[job.args["agent"]])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]
