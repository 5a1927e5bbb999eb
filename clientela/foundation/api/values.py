"""Values of bodies and queries that many operations take."""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def _on_the_wall(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of the day without a zone, like 09:30")
    return value


# Hours people live by are in the client's zone, so they name none; a moment names its own.
Clock = Annotated[time, AfterValidator(_on_the_wall)]
Moment = AwareDatetime
