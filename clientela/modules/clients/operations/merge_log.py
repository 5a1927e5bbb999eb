"""What a merge does to rows, written down so that every one of them can be put back as it was."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from clientela.foundation.bulk import listed
from clientela.foundation.sealed_fields import blinds_of


class RowLog:
    """Moves, alters and removes rows and remembers each step; ``undo`` takes the steps back, the last one first.

    What somebody changed since stays as they left it: a row goes back only from where the merge put it, a value only
    where it is still the merge's.
    """

    def __init__(self, steps: list[dict[str, Any]] | None = None) -> None:
        self.steps = steps if steps is not None else []

    def move(self, rows: "models.QuerySet[Any]", field: str, to: int) -> list[int]:
        """Let ``field`` of these rows name ``to``; returns the rows' ids. All rows name the same before."""
        column = f"{field}_id" if rows.model._meta.get_field(field).is_relation else field
        found = list(rows.order_by("pk").values_list("pk", column))
        if not found:
            return []
        ids = [pk for pk, _ in found]
        rows.model._base_manager.filter(pk__in=listed(ids)).update(**{column: to})
        self.steps.append(
            {"act": "move", "of": rows.model._meta.label, "field": column, "from": found[0][1], "to": to, "ids": ids}
        )  # fmt: skip
        return ids

    def alter(self, row: models.Model, **values: Any) -> None:
        """Write these values into one row; those it has already are left out."""
        differing = [name for name in values if getattr(row, name) != values[name]]
        if not differing:
            return
        before = _written(row, differing)
        for name in differing:
            setattr(row, name, values[name])
        row.save(update_fields=differing)
        after = _written(row, differing)
        self.steps.append(
            {"act": "alter", "of": row._meta.label, "id": row.pk, "before": before, "after": after}
        )

    def remove(self, row: models.Model, twin: int | None = None, of: Collection[int] = ()) -> None:
        """Take a row away; whatever refers to it refers to ``twin`` from now on.

        Tables that name a client are asked for the clients ``of`` only: not each of their columns has an index.
        """
        for relation in relations_to(type(row)) if twin is not None else ():
            model, name = relation.related_model, relation.field.name
            named = {"client__in": of} if any(field.name == "client" for field in model._meta.fields) else {}
            self.move(model._base_manager.filter(**{name: row.pk}, **named), name, twin or 0)
        names = [field.attname for field in row._meta.concrete_fields]
        self.steps.append({"act": "remove", "of": row._meta.label, "row": _written(row, names)})
        rows = type(row)._base_manager.filter(pk=row.pk)
        # Not delete(): a row that still hangs on this one stops the merge instead of going with it.
        rows._raw_delete(rows.db)

    def add(self, row: models.Model) -> None:
        """Write a row that was not there; ``undo`` takes it away."""
        row.save(force_insert=True)
        self.steps.append({"act": "add", "of": row._meta.label, "id": row.pk})

    def undo(self) -> None:
        for step in reversed(self.steps):
            getattr(self, f"_undo_{step['act']}")(step)

    def moved(self, label: str) -> list[int]:
        """Ids of the rows of one model that were moved."""
        return [
            pk for step in self.steps if step["act"] == "move" and step["of"] == label for pk in step["ids"]
        ]

    def removed(self, label: str) -> list[Any]:
        """The rows of one model that were taken away, as they were."""
        return [_row(step) for step in self.steps if step["act"] == "remove" and step["of"] == label]

    @staticmethod
    def _undo_add(step: dict[str, Any]) -> None:
        apps.get_model(step["of"])._base_manager.filter(pk=step["id"]).delete()

    @staticmethod
    def _undo_move(step: dict[str, Any]) -> None:
        rows = apps.get_model(step["of"])._base_manager.filter(pk__in=listed(step["ids"]))
        rows.filter(**{step["field"]: step["to"]}).update(**{step["field"]: step["from"]})

    @staticmethod
    def _undo_alter(step: dict[str, Any]) -> None:
        model = apps.get_model(step["of"])
        row = model._base_manager.filter(pk=step["id"]).first()
        if row is None:
            return
        before, after = _read(model, step["before"]), _read(model, step["after"])
        back = {name: value for name, value in before.items() if getattr(row, name) == after[name]}
        for name, value in back.items():
            setattr(row, name, value)
        indexes = {one.attname: one.pre_save(row, False) for one in blinds_of(model) if one.of in back}
        model._base_manager.filter(pk=row.pk).update(**back, **indexes)

    @staticmethod
    def _undo_remove(step: dict[str, Any]) -> None:
        _row(step).save_base(raw=True, force_insert=True)


def _field(model: type[models.Model], name: str) -> Any:
    return next(field for field in model._meta.concrete_fields if name in (field.attname, field.name))


def _written(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Values as JSON keeps them, to the last microsecond and kopeck."""
    return {
        name: None if getattr(row, name) is None else _field(type(row), name).value_to_string(row)
        for name in names
    }


def _read(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    return {name: _field(model, name).to_python(value) for name, value in values.items()}


def _row(step: dict[str, Any]) -> Any:
    model = apps.get_model(step["of"])
    row = model(**_read(model, step["row"]))
    for index in blinds_of(model):  # the key of those days may be gone
        index.pre_save(row, True)
    return row


def relations_to(model: type[models.Model]) -> list[Any]:
    """Every foreign key of the product that names rows of ``model``, those without a way back among them."""
    relations = model._meta.get_fields(include_hidden=True)
    return [
        one
        for one in relations
        if one.auto_created and not one.concrete and (one.one_to_many or one.one_to_one)
    ]


def twins(relation: Any, *, kept: int, gone: int) -> Iterator[tuple[Any, int]]:
    """Rows of ``gone`` that cannot stand beside a row of ``kept``, each with that row's id."""
    model, name = relation.related_model, relation.field.name
    seen = set()
    for others, condition in _keys(model, name):
        rivals = model._base_manager.filter(
            condition, **{name: kept}, **{other: OuterRef(other) for other in others}
        )
        rows = model._base_manager.filter(condition, **{name: gone}).annotate(
            twin=Subquery(rivals.values("pk")[:1])
        )
        for row in rows.filter(twin__isnull=False).exclude(twin=F("pk")):
            if row.pk not in seen:
                seen.add(row.pk)
                yield row, row.twin


def _keys(model: Any, name: str) -> Iterator[tuple[list[str], Q]]:
    if model._meta.get_field(name).unique:
        yield [], Q()
    for fields in model._meta.unique_together:
        if name in fields:
            yield [one for one in fields if one != name], Q()
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and name in constraint.fields:
            yield [one for one in constraint.fields if one != name], constraint.condition or Q()
