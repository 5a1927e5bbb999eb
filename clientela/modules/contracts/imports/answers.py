"""Whose the rows may become: the questions of the portfolio target and the records a person may change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from clientela.foundation.imports.targets import InvalidAnswers, Option
from clientela.modules.contracts.imports.owners import FILL, KEEP, UPDATE
from clientela.modules.organisation.models import Agent, Branch
from clientela.modules.organisation.queries import Scope, scope_of
from clientela.modules.products.models import Product


@dataclass(frozen=True)
class Sight:
    """The records a person may change, as a condition on columns."""

    scope: Scope

    def expression(self, suffix: str = "", columns: list[str] | None = None) -> pl.Expr:
        """Whether ``agent_id``, ``branch_id`` and ``centre_id`` are in sight; ``suffix`` where columns carry it."""

        def column(name: str) -> pl.Expr:
            return pl.col(name + suffix if columns and name + suffix in columns else name)

        if self.scope.everything:
            return pl.lit(True)
        if self.scope.branch_id:
            return (column("branch_id") == self.scope.branch_id).fill_null(False)
        if self.scope.centre_id:
            return (column("centre_id") == self.scope.centre_id).fill_null(False)
        return column("agent_id").is_in(list(self.scope.agent_ids)).fill_null(False)


def sight_of(actor: Any) -> Sight:
    """What a person may change; ``None`` is the system itself."""
    return Sight(scope_of(actor) if actor is not None else Scope(everything=True))


def _branches(actor: Any) -> list[tuple[str, Any]]:
    scope = sight_of(actor).scope
    branches = Branch.objects.all()
    if not scope.everything:
        branches = branches.filter(id=scope.branch_id or 0)
    return [(branch.code, branch.name) for branch in branches]


def _agents(actor: Any) -> list[tuple[str, Any]]:
    scope = sight_of(actor).scope
    agents = Agent.objects.filter(is_active=True)
    if not scope.everything:
        agents = agents.filter(branch_id=scope.branch_id or 0)
    return [(agent.code, f"{agent.last_name} {agent.first_name}, {agent.code}") for agent in agents]


def _products(actor: Any) -> list[tuple[str, Any]]:
    return [(product.code, product.name) for product in Product.objects.filter(is_active=True)]


def _existing(actor: Any) -> list[tuple[str, Any]]:
    return [
        (FILL, _("Fill empty fields")),
        (UPDATE, _("Update: the file is newer")),
        (KEEP, _("Do not touch the card")),
    ]


OPTIONS = (
    Option("branch", _("Branch"), _("Where the new cards belong when no agent tells it"), _branches, required=True),
    Option("agent", _("Who owns the relation"), _("Agents named in the file come first"), _agents),
    Option("product", _("Product, if the file has no column for it"), "", _products),
    Option("existing", _("If the client is there already"), "", _existing, default=FILL),
)  # fmt: skip


def clean_answers(answers: Mapping[str, str], *, actor: Any) -> dict[str, str]:
    """Answers that this person may give; raises ``InvalidAnswers``."""
    errors: dict[str, Any] = {}
    cleaned: dict[str, str] = {}
    for option in OPTIONS:
        value = str(answers.get(option.code) or option.default or "").strip()
        if not value:
            if option.required:
                errors[option.code] = _("Choose one.")
            continue
        allowed = {code for code, _label in option.choices(actor)} if option.choices else {value}
        if value not in allowed:
            errors[option.code] = _("This cannot be chosen.")
        cleaned[option.code] = value
    if errors:
        raise InvalidAnswers(errors)
    return cleaned
