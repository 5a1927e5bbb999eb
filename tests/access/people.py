"""Who walks the matrix, and from whom the records of Вера and Анна stay closed."""

from typing import Any

from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Agent, Placement, RenewalCentre, Team

# In whose reach Вера is: her agent, the agent's lead, head and centre, and who sees the whole company.
NEAR = ["anna", "team_lead", "branch_head", "centre_operator", "adjuster"]
COMPANY = [
    "renewals_manager", "marketer", "quality", "product_manager", "underwriter", "administrator", "auditor",
]  # fmt: skip
INSIDE = frozenset([*NEAR, *COMPANY])
# Next door: an agent of the same team, the lead of another team, the head of another branch, another centre.
OUTSIDE = ["colleague", "other_lead", "other_head", "other_operator", "boris"]
ROLES = [*NEAR, *COMPANY, *OUTSIDE]

_VERA = ["Орлова", "vera.orlova", "79170004108", "917 000-41-08", "0412773905"]
_BORIS = ["Зимин", "Глеб", "gleb.zimin", "79020007301", "902 000-73-01", "0412779999"]


def marks_hidden_from(role: str) -> list[str]:
    """What no answer may show to ``role``, whatever the address."""
    if role in {"boris", "other_head"}:
        return _VERA
    return (_VERA if role in OUTSIDE else []) + (_BORIS if role in {*NEAR, *OUTSIDE} else [])


def neighbours(make_user: Any, kazan: Any, kazan_team: Any, ulyanovsk: Any) -> dict[str, Any]:
    """Everybody next door but Борис."""
    colleague = make_user(Role.AGENT, "Камила", "Сафина")
    Agent.objects.create(
        user=colleague, code="AG-003", last_name="Сафина", first_name="Камила", phone="+79172000303",
        email=colleague.email, branch=kazan, team=kazan_team,
    )  # fmt: skip
    lead = make_user(Role.TEAM_LEAD, "Игорь", "Лапин")
    Placement.objects.create(
        user=lead, branch=kazan, team=Team.objects.create(branch=kazan, name="Казань, левый берег")
    )
    head = make_user(Role.BRANCH_HEAD, "Нина", "Котова")
    Placement.objects.create(user=head, branch=ulyanovsk)
    operator = make_user(Role.CENTRE_OPERATOR, "Егор", "Уваров")
    centre = RenewalCentre.objects.create(
        code="ural", name="Урал", phone="+73432000999", time_zone="Asia/Yekaterinburg"
    )
    Placement.objects.create(user=operator, centre=centre)
    return {"colleague": colleague, "other_lead": lead, "other_head": head, "other_operator": operator}
