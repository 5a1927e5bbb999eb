"""What happened to the organisation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrganisationChanged:
    """A branch, team, centre, agent or norm was made or changed."""

    object_type: str
    object_id: int


@dataclass(frozen=True)
class AgentContactsChanged:
    """The contacts that clients see in messages changed."""

    agent_id: int


@dataclass(frozen=True)
class PortfolioTransferred:
    """The clients of one agent were handed over to another."""

    from_agent_id: int
    to_agent_id: int
    clients: int
