"""How the contract is paid: the link, its square code, and whether the link may go to the client at all."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from clientela.modules.billing.queries import balance_of_project, first_part
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.quotes.models import Calculation


@dataclass(frozen=True)
class Paying:
    """What is due for the contract, where it is paid, and whether the link may be sent past the agent."""

    project: Project
    due: Decimal
    paid: Decimal
    link: str
    code: SafeString
    may_send: bool

    @property
    def policy(self) -> Policy | None:
        return self.project.next_policy


def payment_of(user: Any, calculation: Calculation) -> Paying | None:
    """Nothing before the contract is made; two statements after."""
    project = calculation.project
    if project is None or project.state == Project.State.WITHDRAWN:
        return None
    link = settings.PUBLIC_URL.rstrip("/") + reverse("portal:pay", args=[project.pay_token])
    paid = balance_of_project(project).paid
    due = Decimal(0) if project.next_policy else max(first_part(project) - paid, Decimal(0))
    return Paying(project, due, paid, link, code_of(link), may_send(user, project))


def code_of(link: str) -> SafeString:
    """The square code of an address, as a drawing of the page."""
    text = segno.make(link, error="m").svg_inline(scale=3, border=2, svgclass="", lineclass="", omitsize=True)
    return mark_safe(text)  # noqa: S308


def may_send(user: Any, project: Project) -> bool:
    """Who won the client sends the link; others only where the contract is sold past agents."""
    if project.agent_id is None or project.sales_channel in (
        Policy.SalesChannel.WEB,
        Policy.SalesChannel.OFFICE,
    ):
        return True
    agent = project.agent
    return bool(agent and agent.user_id == user.pk)
