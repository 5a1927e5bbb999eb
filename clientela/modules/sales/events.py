"""What happened to deals and to advice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DealChanged:
    """A deal was started, moved, won, lost or corrected; ``state``: open, won, lost."""

    deal_id: int
    client_id: int
    funnel_id: int
    stage: str
    state: str


@dataclass(frozen=True)
class FunnelChanged:
    """Stages or rules of a funnel, or a script of it, were changed."""

    funnel_id: int


@dataclass(frozen=True)
class AdviceChanged:
    """A client was offered what was advised, bought it or declined it."""

    advice_id: int
    client_id: int
    state: str
