"""Every change to policies, quotes and projects is one of these verbs."""

from clientela.modules.contracts.operations.issuing import issue_project
from clientela.modules.contracts.operations.people import participants_of
from clientela.modules.contracts.operations.policies import (
    PolicyNotInForce,
    cancel_policy,
    mark_object_sold,
)
from clientela.modules.contracts.operations.portfolio import refresh_client_facts, refresh_portfolio_facts
from clientela.modules.contracts.operations.projects import (
    AlreadyRenewed,
    InvalidPremium,
    InvalidTerm,
    ProjectClosed,
    ProjectExists,
    ReasonRequired,
    mark_offered,
    prepare_new,
    prepare_project,
    reprice_project,
    withdraw_project,
)
from clientela.modules.contracts.operations.quotes import (
    QuoteWithdrawn,
    make_quote,
    quote_of_calculation,
    withdraw_quote,
)
from clientela.modules.contracts.operations.versions import (
    ChangedMeanwhile,
    DayOutsideTerm,
    NotCancelled,
    NothingChanged,
    NotInForce,
    WhyNeeded,
    bring_in_due,
    duplicate_policy,
    endorse,
    reinstate_policy,
)

__all__ = [
    "AlreadyRenewed",
    "ChangedMeanwhile",
    "DayOutsideTerm",
    "InvalidPremium",
    "InvalidTerm",
    "NotCancelled",
    "NotInForce",
    "NothingChanged",
    "PolicyNotInForce",
    "ProjectClosed",
    "ProjectExists",
    "QuoteWithdrawn",
    "ReasonRequired",
    "WhyNeeded",
    "bring_in_due",
    "cancel_policy",
    "duplicate_policy",
    "endorse",
    "issue_project",
    "make_quote",
    "mark_object_sold",
    "mark_offered",
    "participants_of",
    "prepare_new",
    "prepare_project",
    "quote_of_calculation",
    "refresh_client_facts",
    "refresh_portfolio_facts",
    "reinstate_policy",
    "reprice_project",
    "withdraw_project",
    "withdraw_quote",
]
