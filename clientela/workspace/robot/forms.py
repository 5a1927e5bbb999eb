"""What a person types about a node, as the rules take it."""

from typing import Any

from django.http import QueryDict

MOST_ANSWERS = 20


def node_values(post: QueryDict, key: str, kind: str) -> dict[str, Any]:
    """The node of the panel: answers are rows ``a-0-meaning``, ``a-0-to`` …; a row without a target is left out."""
    values: dict[str, Any] = {
        name: post.get(name, "")
        for name in ("name", "speech", "again", "next", "act", "outcome", "channel", "message", "sound")
    }
    values |= {"key": key, "kind": kind, "wait": _whole(post.get("wait")), "days": _whole(post.get("days"))}
    values["answers"] = [_answer(post, f"a-{row}-") for row in range(MOST_ANSWERS) if post.get(f"a-{row}-to")]
    return values


def _answer(post: QueryDict, prefix: str) -> dict[str, Any]:
    return {
        "meaning": post.get(f"{prefix}meaning", ""),
        "key": post.get(f"{prefix}key", ""),
        "to": post.get(f"{prefix}to", ""),
        "phrases": [one.strip() for one in post.get(f"{prefix}phrases", "").split(",") if one.strip()],
        "confirms": bool(post.get(f"{prefix}confirms")),
        "days": _whole(post.get(f"{prefix}days")),
        "score": _whole(post.get(f"{prefix}score")),
    }


def _whole(text: str | None) -> int | str | None:
    """A number; what is none stays as it is and is refused by the rules."""
    text = (text or "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
