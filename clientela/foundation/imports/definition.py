"""A mapping as data: which expression over the columns fills which field.

    {"dates": "dmy", "missing": ["NA"], "answers": {…}, "headers": […], "fields": {field: expression}}

An expression is one of ``{"from": column}``, ``{"constant": text}``, ``{"template": "… {column} …"}`` (empty if
any part is; ``parts`` names expressions to be used as columns), ``{"first": [expression, …]}`` (the first not
empty) or ``{"years_from": column, "to": field}``, and may add ``values`` (text → text), ``otherwise`` (for texts
not in ``values``), ``extract`` (a regular expression with one group), ``when`` (``{"from": column, "in": […]}`` or
``"not_in"``: empty elsewhere), ``dates`` (``dmy`` or ``mdy``), ``kind`` (for free facts), and on dates
``add_days`` and ``between`` (``[field, field]``: empty outside, ends included).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from clientela.foundation.imports.kinds import KINDS
from clientela.foundation.imports.targets import Target, field_of

SOURCES = ("from", "constant", "template", "first", "years_from")
_EXTRAS = {
    "values",
    "otherwise",
    "extract",
    "when",
    "dates",
    "kind",
    "add_days",
    "between",
    "parts",
    "to",
    "note",
}
_PLACE = re.compile(r"\{([^{}]+)\}")
Expression = Mapping[str, Any]


class InvalidMapping(Exception):
    """The mapping cannot be used; ``errors`` are sentences for people."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Definition:
    """A parsed mapping."""

    fields: dict[str, Expression]
    dates: str = "dmy"
    missing: tuple[str, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict)

    def columns(self) -> set[str]:
        """Every column of the file that is read."""
        return {name for expression in self.fields.values() for name in columns_of(expression)}


def parse(raw: Mapping[str, Any], target: Target, columns: tuple[str, ...] | None = None) -> Definition:
    """Check a mapping against a target and, if given, the file's columns. Raises ``InvalidMapping``."""
    errors: list[str] = []
    fields = raw.get("fields") or {}
    for code, expression in fields.items():
        errors += _faults(code, expression, target)
    if errors:
        raise InvalidMapping(errors)
    for known in target.fields:
        if known.required and known.code not in fields:
            errors.append(_("“%(field)s” has no column.") % {"field": known.label})
    if columns is not None:
        there = set(columns)
        for code, expression in fields.items():
            for name in columns_of(expression):
                if name not in there:
                    label = getattr(field_of(target, code), "label", code)
                    errors.append(
                        _("The file has no column “%(column)s”, which “%(field)s” needs.")
                        % {"column": name, "field": label}
                    )
    if raw.get("dates", "dmy") not in ("dmy", "mdy"):
        errors.append(_("The order of dates is dmy or mdy."))
    if not fields:
        errors.append(_("No column is chosen."))
    if errors:
        raise InvalidMapping(errors)
    missing = tuple(str(word) for word in raw.get("missing") or ())
    return Definition(dict(fields), raw.get("dates", "dmy"), missing, dict(raw))


def _faults(code: str, expression: Any, target: Target) -> Iterator[str]:
    known = field_of(target, code)
    if known is None:
        yield _("There is no field “%(field)s”.") % {"field": code}
        return
    if not isinstance(expression, Mapping):
        yield _("“%(field)s”: an expression is an object.") % {"field": code}
        return
    sources = [name for name in SOURCES if name in expression]
    unknown = set(expression) - set(SOURCES) - _EXTRAS
    if len(sources) != 1 or unknown:
        words = ", ".join(sorted(unknown)) or ", ".join(SOURCES)
        yield _("“%(field)s” cannot be read: %(words)s.") % {"field": code, "words": words}
        return
    kind = expression.get("kind", known.kind)
    if kind not in KINDS:
        yield _("“%(field)s” cannot be read: %(words)s.") % {"field": code, "words": kind}
    if "extract" in expression:
        try:
            groups = re.compile(expression["extract"]).groups
        except re.error as error:
            yield f"{code}: {error}"
        else:
            if groups != 1:
                yield _("“%(field)s”: the regular expression needs one group.") % {"field": code}
    for nested in (*expression.get("first", ()), *expression.get("parts", {}).values()):
        if not isinstance(nested, Mapping) or not any(name in nested for name in SOURCES):
            yield _("“%(field)s” cannot be read: %(words)s.") % {"field": code, "words": nested}


def columns_of(expression: Expression) -> set[str]:
    """Columns of the file that an expression reads."""
    names: set[str] = set()
    for key in ("from", "years_from"):
        if key in expression:
            names.add(expression[key])
    for nested in expression.get("first", ()):
        names |= columns_of(nested)
    parts = expression.get("parts", {})
    for nested in parts.values():
        names |= columns_of(nested)
    names |= {name for name in places(expression.get("template", "")) if name not in parts}
    if "when" in expression:
        names.add(expression["when"]["from"])
    return names


def places(template: str) -> list[str]:
    """Names between braces."""
    return _PLACE.findall(template)


def split_template(template: str) -> list[tuple[bool, str]]:
    """``(is a name, text)`` pieces of a template, in order."""
    pieces: list[tuple[bool, str]] = []
    for index, piece in enumerate(_PLACE.split(template)):
        if piece:
            pieces.append((index % 2 == 1, piece))
    return pieces


def simple_column(expression: Expression) -> str | None:
    """The one column of an expression that a person can choose in a list, else None."""
    return expression.get("from")
