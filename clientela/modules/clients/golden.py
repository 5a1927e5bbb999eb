"""Which of two values of a field a card keeps, by rules that are data. Pure calculation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clientela.modules.clients.rules import GROUPS

# Fields whose value a rule chooses. The rest (owner, marks, wishes not to be contacted) have laws of their own.
FIELDS = (
    "name", "birth_date", "sex", "inn", "snils", "bank", "place", "language", "preferred_channel", "hours", "phone",
    "email",
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {name: GROUPS[name] for name in FIELDS if name in GROUPS}
SOURCES: dict[str, Any] = {
    "agent": gettext_lazy("A person of ours"),
    "own": gettext_lazy("The client's own pages"),
    "web": gettext_lazy("The site"),
    "import": gettext_lazy("A file of a system"),
    "api": gettext_lazy("Another system over the API"),
    "message": gettext_lazy("A message or a call"),
    "unknown": pgettext_lazy("source", "Not known"),
}
# Words that writers give as their source, and what kind of source that is.
_KINDS = {
    "shop": "web", "request": "web", "web": "web", "own": "own", "my": "own", "api": "api", "incoming": "message",
    "import": "import",
}  # fmt: skip
MOST_RANK = 9


def source_kind(source: str, *, by_person: bool) -> str:
    """The kind of a source that a writer names, else a person's, else not known."""
    return _KINDS.get(source) or ("agent" if by_person else "unknown")


@dataclass(frozen=True)
class Rule:
    """How one field is decided. ``trust`` ranks sources, 1 the most trusted; equal ranks let the newest win."""

    trust: Mapping[str, int]
    verified_first: bool = True
    newest_first: bool = False


def _shipped() -> dict[str, Rule]:
    usual = dict(zip(SOURCES, (1, 2, 3, 4, 5, 6, 9), strict=True))
    # How to be reached the client knows best.
    reach = usual | {"own": 1, "agent": 2}
    newest = {"place", "language", "preferred_channel", "hours", "phone", "email"}
    return {name: Rule(reach if name in newest else usual, newest_first=name in newest) for name in FIELDS}


SHIPPED = _shipped()


def rules_of(written: Mapping[str, Any]) -> dict[str, Rule]:
    """Rules as a version keeps them; what it does not name is as shipped."""
    found = dict(SHIPPED)
    for name, one in written.items():
        if name in found:
            trust = {**found[name].trust, **one["trust"]}
            found[name] = Rule(trust, bool(one["verified_first"]), bool(one["newest_first"]))
    return found


def written(rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Rules as JSON keeps them."""
    return {
        name: {
            "trust": dict(one.trust),
            "verified_first": one.verified_first,
            "newest_first": one.newest_first,
        }
        for name, one in rules.items()
    }


NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """A value with what is known of it. ``value`` is empty where the card has none."""

    value: Mapping[str, str]
    source: str = "unknown"
    seen: datetime = NEVER
    verified: bool = False

    @property
    def full(self) -> bool:
        return any(self.value.values())


def chooses_other(field: str, rule: Rule, own: Held, other: Held) -> tuple[bool, str]:
    """Whether ``other`` wins over ``own``, and the code of the reason (``REASONS``)."""
    if not other.full or dict(own.value) == dict(other.value):
        return False, ""
    if not own.full:
        return True, "only"
    if rule.verified_first and own.verified != other.verified:
        return other.verified, "verified"
    if field == "name":
        sizes = [_whole(one.value) for one in (own, other)]
        if sizes[0] != sizes[1]:
            return sizes[1] > sizes[0], "fuller"
    ranks = [rule.trust.get(one.source, MOST_RANK) for one in (own, other)]
    steps = [
        ("trust", ranks[0] != ranks[1], ranks[1] < ranks[0]),
        ("newest", own.seen != other.seen, other.seen > own.seen),
    ]
    for code, differ, wins in reversed(steps) if rule.newest_first else steps:
        if differ:
            return wins, code
    return False, "kept"


def _whole(value: Mapping[str, str]) -> int:
    """How many parts of a name are more than an initial."""
    names = ("last_name", "first_name", "middle_name", "company_name")
    return sum(len((value.get(name) or "").strip(". ")) > 1 for name in names)


def reason(code: str) -> str:
    """Why a value was chosen, in words."""
    words = {
        "only": _("the other card has none"),
        "verified": _("it was verified"),
        "fuller": _("the fuller name"),
        "trust": _("the more trusted source"),
        "newest": _("the newer value"),
        "kept": _("the card that stays"),
    }
    return words.get(code, "")


def is_right(rules: Mapping[str, Any], fields: Collection[str] = FIELDS) -> bool:
    """Whether this is a set of rules as ``written`` writes it."""
    return all(
        name in fields
        and set(one.get("trust", ())) <= set(SOURCES)
        and all(type(rank) is int and 1 <= rank <= MOST_RANK for rank in one["trust"].values())
        for name, one in rules.items()
    )
