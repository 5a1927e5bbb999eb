"""What the robot did."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RobotCallEnded:
    """A call that was asked for came to its end, after one attempt or many.

    ``outcome`` is one of the dialogue's; ``dropped`` says by a code why nobody was rung any more (the asker's own
    reason where ``fault`` is “guard”, the policy's where it is “policy”). ``promised`` is an ISO day, ``score`` what the
    client gave in a survey.
    """

    robot_call_id: int
    client_id: int
    origin: str
    origin_id: int
    outcome: str = ""
    dropped: str = ""
    fault: str = ""
    promised: str = ""
    score: int | None = None


@dataclass(frozen=True)
class RobotCallChanged:
    """An attempt began, or a conversation moved on."""

    robot_call_id: int
    client_id: int


@dataclass(frozen=True)
class DialogueChanged:
    """A dialogue got a new version in force, or one less."""

    dialogue_id: int
