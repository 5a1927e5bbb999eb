"""Who takes over the line of a client that asked for a person; registered by the configuration."""

from clientela.modules.robot.ports import People

_people: list[People] = []


def register(people: People) -> None:
    """Let ``people`` take lines over; a second call replaces the first."""
    _people[:] = [people]


def take(*, line: str, client_id: int, robot_call_id: int) -> bool:
    """Whether somebody takes the line now."""
    return bool(_people) and _people[0].take(line=line, client_id=client_id, robot_call_id=robot_call_id)
