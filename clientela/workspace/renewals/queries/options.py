"""What a person may choose from in the filter, and the names of what is chosen."""

from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Branch, Placement, RenewalCentre
from clientela.modules.organisation.queries import agents_visible_to, scope_of
from clientela.modules.renewals.models import LossReason
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.renewals.forms import loss_name

MOST_AGENTS = 300


def scope_name(user: Any) -> str:
    """Whose terms the board shows: the company, a branch, a centre, a team, or one's own clients."""
    if scope_of(user).everything:
        return str(settings.COMPANY_NAME)
    if user.role == Role.AGENT:
        return _("your clients")
    place = Placement.objects.select_related("branch", "centre", "team").filter(user_id=user.pk).first()
    if place is None:
        return ""
    if user.role == Role.CENTRE_OPERATOR and place.centre:
        return place.centre.name
    if user.role == Role.TEAM_LEAD and place.team:
        return _("team %(name)s") % {"name": place.team.name}
    return _("branch %(name)s") % {"name": place.branch.name} if place.branch else ""


def choices_for(user: Any, wanted: BoardFilter) -> dict[str, list[tuple[int, str]]]:
    """Options of the filter's questions; a question with fewer than two answers is not asked."""
    scope = scope_of(user)
    agents = agents_visible_to(user).filter(is_active=True)
    if wanted.branch:
        agents = agents.filter(branch_id__in=wanted.branch)
    found: dict[str, QuerySet[Any]] = {"agent": agents, "reason": LossReason.objects.all()}
    if scope.everything or scope.centre_id:
        branches = Branch.objects.filter(is_active=True)
        found["branch"] = branches.filter(renewal_centres=scope.centre_id) if scope.centre_id else branches
    if scope.everything:
        found["centre"] = RenewalCentre.objects.all()
    options = {
        name: [(row.pk, _name(row)) for row in rows[: MOST_AGENTS + 1]] for name, rows in found.items()
    }
    return {name: rows for name, rows in options.items() if 1 < len(rows) <= MOST_AGENTS}


def names_in(user: Any, wanted: BoardFilter) -> dict[str, dict[int, str]]:
    """Names of the branches, centres, agents and reasons that the filter speaks of; a statement for each kind used."""
    sources: dict[str, QuerySet[Any]] = {
        "branch": Branch.objects.all(),
        "centre": RenewalCentre.objects.all(),
        "agent": agents_visible_to(user),
        "reason": LossReason.objects.all(),
    }
    return {
        name: {row.pk: _name(row) for row in rows.filter(pk__in=getattr(wanted, name))}
        for name, rows in sources.items()
        if getattr(wanted, name)
    }


def _name(row: Model) -> str:
    return loss_name(row) if isinstance(row, LossReason) else str(row)
