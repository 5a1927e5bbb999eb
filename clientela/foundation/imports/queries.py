"""Reading imports for pages and programs."""

from typing import Any

from django.db.models import Count, Max, Min

from clientela.foundation.imports.guess import suits
from clientela.foundation.imports.models import ImportRun, Mapping, RowError
from clientela.foundation.imports.problems import texts_of
from clientela.foundation.imports.targets import field_of, get_target

SUITS = 0.99


def best_mapping(target: str, columns: tuple[str, ...]) -> Mapping | None:
    """The saved mapping made for files of these headings, own ones before shipped ones."""
    rated = [
        (suits(columns, mapping.definition), not mapping.shipped, mapping.pk, mapping)
        for mapping in Mapping.objects.filter(target=target)
    ]
    best = max(rated, key=lambda entry: entry[:3], default=None)
    return best[3] if best and best[0] >= SUITS else None


def offered_mappings(run: ImportRun) -> list[Mapping]:
    """Saved mappings whose columns the file has, the most alike first."""
    columns = tuple(run.options.get("columns", ()))
    rated = [
        (suits(columns, mapping.definition), mapping) for mapping in Mapping.objects.filter(target=run.target)
    ]
    return [mapping for share, mapping in sorted(rated, key=lambda pair: -pair[0]) if share >= 0.6]


def error_groups(run: ImportRun) -> list[dict[str, Any]]:
    """Problems by cause, refused rows first: title, how to mend, how many rows, examples."""
    target = get_target(run.target)
    counted: dict[str, int] = run.counts.get("problems") or run.check_result.get("problems") or {}
    groups = []
    for key, number in counted.items():
        code, field, fatal = key.split("|")
        title, hint = texts_of(code, target)
        known = field_of(target, field) if field else None
        groups.append({
            "key": key, "code": code, "field": field, "label": known.label if known else "", "title": title,
            "hint": hint, "count": number, "fatal": fatal == "1",
        })  # fmt: skip
    return sorted(groups, key=lambda group: (not group["fatal"], -group["count"], group["key"]))


def row_errors(
    run: ImportRun, *, code: str = "", field: str = "", fatal: bool | None = None, limit: int = 50
) -> list[RowError]:
    """Stored problems of a run in the order of rows, of one cause if asked; with ``title`` and ``label``."""
    errors = RowError.objects.filter(run=run)
    if code:
        errors = errors.filter(code=code, field=field)
    if fatal is not None:
        errors = errors.filter(fatal=fatal)
    target = get_target(run.target)
    found = list(errors.order_by("row_number", "id")[:limit])
    for error in found:
        known = field_of(target, error.field) if error.field else None
        error.title, error.hint = texts_of(error.code, target)  # type: ignore[attr-defined]
        error.label = known.label if known else error.column  # type: ignore[attr-defined]
    return found


def stored_errors(run: ImportRun) -> dict[str, int]:
    """How many problems of a run are kept in the base and between which rows."""
    return RowError.objects.filter(run=run).aggregate(
        count=Count("id"), first=Min("row_number"), last=Max("row_number")
    )
