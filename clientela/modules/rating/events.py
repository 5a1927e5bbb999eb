"""What happened to tariffs and products."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VersionDecided:
    """The second person approved a version or sent it back: ``decision`` is approved or sent_back, ``at`` the moment.

    ``kind`` says what ``version_id`` is of: tariff or product.
    """

    kind: str
    version_id: int
    decision: str
    by_id: int | None
    at: str
