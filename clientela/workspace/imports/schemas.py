"""What the API of imports takes and tells."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

Word = Annotated[str, Field(max_length=60)]


class TargetFieldOut(Schema):
    code: str
    label: str
    group: str
    kind: str
    required: bool


class OptionOut(Schema):
    """A question about the whole file; ``choices`` is null where any text may be given."""

    code: str
    label: str
    required: bool
    default: str
    choices: dict[str, str] | None


class TargetOut(Schema):
    """Something that files can be imported as."""

    code: str
    label: str
    fields: list[TargetFieldOut]
    options: list[OptionOut]


class MappingOut(Schema):
    """A saved way to read files of one layout."""

    code: str
    name: str
    target: str
    source: str
    shipped: bool


class LayoutIn(Schema):
    """How the file is written, where that was not understood. ``header_row`` 0: the file has no headings."""

    sheet: Annotated[str, Field(max_length=120)] = ""
    encoding: Word = ""
    separator: Annotated[str, Field(max_length=1)] = ""
    header_row: Annotated[int, Field(ge=0, le=30)] | None = None


class FileIn(LayoutIn):
    """Without ``mapping`` the columns are guessed, or read by a saved mapping of the same headings."""

    target: Word = "portfolio"
    mapping: Word = ""


class DefinitionIn(Schema):
    """``definition`` as the run tells it, or the code of a saved ``mapping``; ``answers`` to the target's options."""

    definition: dict[str, Any] | None = None
    mapping: Word = ""
    answers: dict[Word, Annotated[str, Field(max_length=200)]]
    source: Word = ""


class NameIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\w")]


class ColumnOut(Schema):
    """``confidence`` of the guess, 0 … 100; personal values of ``samples`` are masked."""

    name: str
    field: str
    confidence: int
    doubtful: bool
    why: str
    samples: list[str]


class ProgressOut(Schema):
    """Of the long work in hand or the last one. ``error`` tells why it stopped."""

    state: str
    done: int
    total: int
    error: str


class RunOut(Schema):
    """``checked`` and ``counts`` tell rows created, changed, same and refused, and what was made of them.

    ``mends`` is the import whose refused rows this one brings in again; it is taken back with that one.
    """

    id: int
    state: str
    file_name: str
    target: str
    source: str
    rows: int
    layout: dict[str, Any]
    mapping: str
    definition: dict[str, Any]
    answers: dict[str, Any]
    checked: dict[str, Any]
    counts: dict[str, Any]
    undone: dict[str, Any]
    progress: ProgressOut | None
    created_at: datetime
    finished_at: datetime | None
    undo_until: datetime | None
    mends: int | None


class ErrorOut(Schema):
    """``fatal``: the row was not taken; else only the value was left out. ``fixed`` is what was typed instead."""

    id: int
    row_number: int
    column: str
    field: str
    code: str
    value: str
    fatal: bool
    fixed: str


class FixIn(Schema):
    """The right value as it would stand in the file, a dash for none at all; empty takes it back."""

    value: Annotated[str, Field(max_length=200)]


class ErrorGroupOut(Schema):
    code: str
    field: str
    title: str
    hint: str
    count: int
    fatal: bool


class PreviewOut(Schema):
    """Rows of the check as they will go in: the target's fields, one list of cells a row."""

    heads: list[str]
    rows: list[dict[str, Any]]
