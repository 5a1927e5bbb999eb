"""What clients said of us."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FeedbackGiven:
    """A client answered a survey, or changed the answer. ``group`` is good, neutral or bad."""

    request_id: int
    client_id: int
    metric: str
    score: int
    group: str


@dataclass(frozen=True)
class FeedbackSettled:
    """Somebody called back a client who was not content."""

    request_id: int
    client_id: int
