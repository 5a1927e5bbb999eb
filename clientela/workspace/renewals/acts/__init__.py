"""The acts of the drawer: their forms, what they say, and the operation behind each."""

from clientela.workspace.renewals.acts import plan, prices
from clientela.workspace.renewals.acts.base import Act, Case, Done, Refused

ACTS: dict[str, Act] = {act.code: act for act in (*prices.ACTS, *plan.ACTS)}

__all__ = ["ACTS", "Act", "Case", "Done", "Refused"]
