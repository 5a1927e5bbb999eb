"""By when a request is answered."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clientela.modules.requests.models import Policy, Request
from clientela.modules.routing.queries import working_hours
from clientela.modules.routing.rules import answer_by


def promised(request: Request, *, now: datetime) -> datetime:
    """The moment of the first answer, in the working time of the branch."""
    within = timedelta(minutes=Policy.now().answer_minutes)
    return answer_by(now, zone=ZoneInfo(request.branch.time_zone), hours=working_hours(), within=within)
