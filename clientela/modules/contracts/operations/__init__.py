"""Every change to policies, quotes and projects is one of these verbs."""

from clientela.modules.contracts.operations.issuing import issue_project
from clientela.modules.contracts.operations.policies import (
    PolicyNotInForce,
    cancel_policy,
    mark_object_sold,
)
from clientela.modules.contracts.operations.portfolio import refresh_client_facts, refresh_portfolio_facts
from clientela.modules.contracts.operations.projects import (
    AlreadyRenewed,
    InvalidPremium,
    ProjectClosed,
    ProjectExists,
    ReasonRequired,
    mark_offered,
    prepare_project,
    reprice_project,
    withdraw_project,
)
from clientela.modules.contracts.operations.quotes import QuoteWithdrawn, make_quote, withdraw_quote

__all__ = [
    "AlreadyRenewed",
    "InvalidPremium",
    "PolicyNotInForce",
    "ProjectClosed",
    "ProjectExists",
    "QuoteWithdrawn",
    "ReasonRequired",
    "cancel_policy",
    "issue_project",
    "make_quote",
    "mark_object_sold",
    "mark_offered",
    "prepare_project",
    "refresh_client_facts",
    "refresh_portfolio_facts",
    "reprice_project",
    "withdraw_project",
    "withdraw_quote",
]
