"""What happened in the chat."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessagePosted:
    """Somebody wrote. ``people`` follow the room, without the author; a large room has several events."""

    message_id: int
    room_id: int
    people: list[int]


@dataclass(frozen=True)
class RoomChanged:
    """A message was changed or read, or the room itself changed; ``people`` look at their lists again."""

    room_id: int
    people: list[int]
