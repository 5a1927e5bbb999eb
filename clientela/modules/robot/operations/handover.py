"""Giving a client's line to a person: from then on it is a call like any other, with the robot's transcript."""

from datetime import datetime

from clientela.modules.calls.models import Call, Line
from clientela.modules.calls.operations.inbound import route
from clientela.modules.robot.models import Attempt, RobotCall


def hand_over(call: RobotCall, attempt: Attempt, *, now: datetime) -> None:
    """Let routing find whoever takes the line; the client hears music or the place in the queue meanwhile."""
    client = call.client
    made = Call.objects.create(
        direction=Call.Direction.IN, client=client, number=call.address, agent=client.agent, branch=client.branch,
        centre=client.centre, state=Call.State.MENU, started_at=attempt.rung_at, reason=_reason(call, attempt),
        verdict=call.verdict,
    )  # fmt: skip
    Line.objects.create(
        call=made, line=attempt.line, role=Line.Role.CLIENT, number=call.address, state=Line.State.UP,
        asked_at=attempt.rung_at, answered_at=attempt.answered_at,
    )  # fmt: skip
    route(made, now)


def _reason(call: RobotCall, attempt: Attempt) -> str:
    """What the client said last, for whoever picks up."""
    heard = [one for one in attempt.said.order_by("-move") if one.heard]
    words = f": «{heard[0].heard}»" if heard and heard[0].via == "word" else ""
    return f"{call.dialogue.robot}, {call.dialogue.name}{words}"[:200]
