"""Where each value of a card comes from, and what other sources say, in words."""

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field as made_of
from typing import Any

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.clients import golden
from clientela.modules.clients.models import Client, FieldValue
from clientela.modules.clients.operations.golden import current_values
from clientela.workspace.clients.merge_rows import group_labels, group_words

State = FieldValue.State
ON_PAPER = frozenset({"name", "birth_date", "sex", "inn", "snils"})


@dataclass(frozen=True)
class Said:
    """One value of a field: what it is, who says so, since when."""

    id: int | None
    text: str
    source: str
    first: str
    last: str
    verified: str = ""


@dataclass(frozen=True)
class Line:
    """A field of the card with its value's source and what other sources say."""

    field: str
    label: str
    now: Said | None
    others: list[Said] = made_of(default_factory=list)
    wrong: list[Said] = made_of(default_factory=list)

    @property
    def on_paper(self) -> bool:
        """Whether an identity document says it, so that it can be compared."""
        return self.field in ON_PAPER


def value_text(client_kind: str, name: str, value: dict[str, str]) -> str:
    """A kept value as a person reads it."""
    card = Client(kind=client_kind)
    for column, text in value.items():
        at: Any = Client._meta.get_field(column)
        setattr(card, column, None if text == "" and at.null else at.to_python(text))
    return group_words(card, name)


def source_words(row: FieldValue) -> str:
    """«typed by Анна Соколова», «a file of a system: 1С»."""
    if row.source == "agent" and row.by:
        return str(row.by)
    name = str(golden.SOURCES.get(row.source, row.source))
    return f"{name}: {row.source_name}" if row.source == "import" and row.source_name else name


def _said(card: Client, row: FieldValue) -> Said:
    at = language()
    verified = formats.full_date(row.verified_at.date(), at) if row.verified_at else ""
    first, last = (formats.full_date(moment.date(), at) for moment in (row.first_seen, row.last_seen))
    return Said(row.pk, value_text(card.kind, row.field, row.value), source_words(row), first, last, verified)


def lines(card: Client) -> list[Line]:
    """Every field of which something is known, in the order of a card."""
    rest: dict[str, dict[str, list[FieldValue]]] = defaultdict(lambda: defaultdict(list))
    now = current_values(card)
    rows = FieldValue.objects.filter(client=card, state__in=[State.OTHER, State.WRONG]).select_related("by")
    for row in rows[:200]:
        if row.field not in now or now[row.field].value_key != row.value_key:
            rest[row.field][row.state].append(row)
    labels = group_labels()
    return [
        Line(
            name, str(labels[name]), _said(card, now[name]) if name in now else None,
            [_said(card, row) for row in rest[name][State.OTHER]], [_said(card, row) for row in rest[name][State.WRONG]],
        )
        for name in golden.COLUMNS
        if name in now or name in rest
    ]  # fmt: skip
