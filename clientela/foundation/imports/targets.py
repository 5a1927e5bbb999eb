"""What can be imported: a target declares its fields and options and merges one chunk at a time.

Targets are registered in ``config/subscriptions``; this package knows none of their words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.db import models
from django.utils.module_loading import import_string

from clientela.foundation.imports.models import Change, ImportRun

if TYPE_CHECKING:
    import polars as pl

    from clientela.foundation.imports.store import Store

Text = Any  # a str or a lazy translation


class UnknownTarget(LookupError):
    """Nobody registered this target."""


class InvalidAnswers(Exception):
    """The answers to a target's options cannot be used; ``errors`` maps an option to a sentence."""

    def __init__(self, errors: Mapping[str, Any]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@dataclass(frozen=True)
class Field:
    """One thing a column can be. ``tolerant``: a wrong value is left out with a warning, the row is taken."""

    code: str
    label: Text
    kind: str = "text"
    group: Text = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    tolerant: bool = False
    many: bool = False
    keep_words: bool = False
    max_length: int = 0
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    choice_labels: Mapping[str, Text] = field(default_factory=dict)
    lookup: Callable[[], Mapping[str, int]] | None = None
    masked: bool = False
    guessed: bool = True


@dataclass(frozen=True)
class Option:
    """One question about the whole file, such as whose rows they are."""

    code: str
    label: Text
    hint: Text = ""
    choices: Callable[[Any], list[tuple[str, Text]]] | None = None
    default: str = ""
    required: bool = False


def _nobody() -> "pl.Series":
    import polars as pl  # every process loads this module, only imports read frames

    return pl.Series([], dtype=pl.Int64)


@dataclass
class Outcome:
    """What one chunk did. ``rows`` has ``_row`` and ``outcome`` (created, changed, same) for every row taken."""

    rows: "pl.DataFrame"
    counts: dict[str, int]
    problems: "pl.DataFrame | None" = None
    cells: dict[int, dict[str, str]] = field(default_factory=dict)
    # Ids of the target's own, given back to ``settle`` at the end whatever crashes in between.
    touched: "pl.Series" = field(default_factory=_nobody)


@dataclass(frozen=True)
class Part:
    """Rows that go with the row they point at. ``where``: a condition on ``t``; others keep that row in the base."""

    model: type[models.Model]
    column: str
    where: str = ""


@dataclass(frozen=True)
class UndoStep:
    """One table that undo empties of an import's rows, in the order of dependence.

    ``where`` narrows the rows, ``edited`` tells rows that people have worked on since; both are trusted conditions on
    the table ``t`` in which ``{run}`` stands for the id of the import.
    """

    model: type[models.Model]
    parts: tuple[Part, ...] = ()
    where: str = ""
    edited: str = ""


@dataclass(frozen=True)
class Disposable:
    """Rows that other modules derive from imported ones: undo removes them too, unless ``keep`` holds."""

    model: type[models.Model]
    parts: tuple[Part, ...] = ()
    keep: str = ""


class Session(Protocol):
    """One file going into the base: keeps nothing that a restart could lose."""

    def check(self, frame: "pl.DataFrame") -> "list[tuple[pl.Series, str, str]]":
        """Rows that cannot be taken for what they say together: ``(mask, field, problem code)``."""

    def turns(self, frame: "pl.DataFrame") -> "pl.Series":
        """When each row is taken: 0 where it stands, others after the whole file, smaller numbers first."""

    def ready(self, frame: "pl.DataFrame") -> Any:
        """What ``apply`` can know of the rows without the base: found out ahead, while other rows are written."""

    def apply(self, frame: "pl.DataFrame", ready: Any, store: "Store", *, detail: int = 0) -> Outcome:
        """Merge rows; for the first ``detail`` rows also tell what happens to each cell."""


class Target(Protocol):
    """Something files can be imported as."""

    code: str
    label: Text
    open_prefixes: tuple[str, ...]
    subject: tuple[str, ...]
    problem_texts: Mapping[str, tuple[Text, Text]]

    @property
    def mappings(self) -> tuple[dict[str, Any], ...]: ...

    @property
    def undo_steps(self) -> tuple[UndoStep, ...]: ...

    @property
    def fields(self) -> tuple[Field, ...]: ...

    @property
    def options(self) -> tuple[Option, ...]: ...

    def clean_answers(self, answers: Mapping[str, str], *, actor: Any) -> dict[str, str]:
        """Answers that may be used by this person; raises ``InvalidAnswers``."""

    def open(self, run: ImportRun, *, now: datetime) -> Session:
        """Begin, or go on after a restart."""

    def finished(self, run: ImportRun, *, now: datetime) -> None:
        """Called once, inside the transaction that ends an import or its undo."""

    def settle(
        self, run: ImportRun, touched: Iterable[int], *, now: datetime, tick: Callable[[], None]
    ) -> None:
        """Before the end, repeatable: facts kept elsewhere that follow from the rows. ``tick`` after each piece."""

    def left_behind(self, run: ImportRun) -> Iterable[int]:
        """Asked before an undo: ids that ``settle`` must get after it."""

    def result_links(self, run: ImportRun) -> list[tuple[Text, str]]:
        """Where the rows of this run can be looked at: ``(label, address)``."""


_targets: dict[str, str] = {}
_disposables: list[Disposable] = []


def register(code: str, path: str) -> None:
    """Make a target known by the dotted path of its class, which is loaded when it is asked for."""
    _targets[code] = path


def register_disposable(disposable: Disposable) -> None:
    """Tell undo which rows are only derived (see config/subscriptions)."""
    if disposable not in _disposables:
        _disposables.append(disposable)


def disposables() -> dict[type[models.Model], Disposable]:
    """Derived rows by their table."""
    return {disposable.model: disposable for disposable in _disposables}


def get_target(code: str) -> Target:
    """A registered target; raises ``UnknownTarget``."""
    if code not in _targets:
        raise UnknownTarget(code)
    return _loaded(_targets[code])


@cache
def _loaded(path: str) -> Target:
    target: Target = import_string(path)()
    return target


def all_targets() -> list[Target]:
    """Every registered target."""
    return [get_target(code) for code in _targets]


def written_models(target: Target) -> list[type[models.Model]]:
    """The tables an import of this target writes to."""
    steps = target.undo_steps
    parts = [part.model for step in steps for part in step.parts]
    return list(dict.fromkeys([*(step.model for step in steps), *parts, Change]))


def field_of(target: Target, code: str) -> Field | None:
    """A field by its code; fields under an open prefix (free facts) are made on the fly."""
    for known in target.fields:
        if known.code == code:
            return known
    for prefix in target.open_prefixes:
        if code.startswith(prefix + ".") and code[len(prefix) + 1 :].isidentifier():
            return Field(code=code, label=code[len(prefix) + 1 :], tolerant=True, guessed=False)
    return None
