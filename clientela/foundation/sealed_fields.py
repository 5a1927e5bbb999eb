"""Model fields whose values are encrypted in the database, and the index that finds them again.

A value that was written before its column was sealed is read as it stands, so that a table may be sealed in batches
while people work. Nothing but emptiness can be asked of a sealed column: what has to be found has a ``BlindField``.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models.fields.json import JSONExact
from django.db.models.lookups import Exact

from clientela.foundation import keyring
from clientela.foundation.fields import KeyField


class _IsEmpty(Exact):
    """The only equality there is: a value that is not there is not sealed."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise TypeError("a sealed column is found by its BlindField")
        return self.rhs


class _IsEmptyDocument(JSONExact):
    """The same of a document."""

    def get_prep_lookup(self) -> Any:
        if self.rhs not in ([], {}):
            raise TypeError("a sealed column is found by its BlindField")
        return super().get_prep_lookup()


class _Sealed:
    """What both kinds of sealed column share."""

    model: Any
    attname: str
    column: Any
    equality: Any = _IsEmpty
    holds_documents = False

    @property
    def purpose(self) -> str:
        """Binds a value to its column."""
        return f"{self.model._meta.db_table}.{self.column}"

    def get_lookup(self, name: str) -> Any:
        if name == "exact":
            return self.equality
        return super().get_lookup(name) if name == "isnull" else None  # type: ignore[misc]

    def sealed(self, value: Any) -> Any:
        """As it stands in the column, for writers that go past the model."""
        raise NotImplementedError

    def opened(self, stored: Any) -> Any:
        """The other way."""
        raise NotImplementedError


class SealedField(_Sealed, models.TextField):
    """A text that is encrypted at rest; an empty one stays empty. ``length`` is for forms and is not the column's."""

    def sealed(self, value: Any) -> Any:
        return keyring.seal(str(value), self.purpose) if value else value

    def opened(self, stored: Any) -> Any:
        return keyring.unseal(stored, self.purpose) if stored and keyring.is_sealed(stored) else stored

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.opened(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return value if hasattr(value, "as_sql") else self.sealed(value)


class SealedJSONField(_Sealed, models.JSONField):
    """A document that is encrypted at rest: in its column stands a JSON string; an empty list or object stays itself."""

    equality = _IsEmptyDocument
    holds_documents = True

    def sealed(self, value: Any) -> Any:
        """JSON text."""
        text = json.dumps(value, cls=self.encoder, ensure_ascii=False)
        return json.dumps(keyring.seal(text, self.purpose)) if value not in (None, [], {}) else text

    def opened(self, stored: Any) -> Any:
        """Of a document that was read as JSON already."""
        if isinstance(stored, str) and keyring.is_sealed(stored):
            return json.loads(keyring.unseal(stored, self.purpose), cls=self.decoder)
        return stored

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.opened(super().from_db_value(value, expression, connection))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value in (None, [], {}) or hasattr(value, "as_sql"):
            return super().get_db_prep_save(value, connection)
        text = json.dumps(value, cls=self.encoder, ensure_ascii=False)
        return connection.ops.adapt_json_value(keyring.seal(text, self.purpose), None)


class BlindField(KeyField):
    """The index of a sealed field: a keyed digest of its value and of the fields ``by``, filled by itself."""

    def __init__(self, *args: Any, of: str, by: Iterable[str] = (), **kwargs: Any) -> None:
        self.of, self.by = of, tuple(by)
        usual: dict[str, Any] = {
            "max_length": 22, "blank": True, "default": "", "db_default": "", "editable": False
        }  # fmt: skip
        super().__init__(*args, **(usual | kwargs))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for usual in ("max_length", "blank", "default", "db_default", "editable"):
            kwargs.pop(usual, None)
        return name, path, args, kwargs | {"of": self.of} | ({"by": list(self.by)} if self.by else {})

    @property
    def purpose(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def of_values(self, value: Any, *by: Any) -> str:
        """What is written for these values; nothing for an empty one."""
        return keyring.blind("|".join(map(str, (*by, value))), self.purpose) if value else ""

    def keys_of(self, value: Any, *by: Any) -> list[str]:
        """What to look for: one key for each of the ring."""
        return keyring.blinds("|".join(map(str, (*by, value))), self.purpose) if value else []

    def of_row(self, row: Mapping[str, Any]) -> str:
        return self.of_values(row[self.of], *(row[name] for name in self.by))

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = self.of_values(
            getattr(model_instance, self.of), *(getattr(model_instance, name) for name in self.by)
        )
        setattr(model_instance, self.attname, value)
        return value


class Blinded(models.Model):
    """A row whose indexes follow its sealed values however few of its fields are saved."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            names = set(update_fields)
            update_fields = names | {one.name for one in blinds_of(type(self)) if names & {one.of, *one.by}}
        super().save(*args, update_fields=update_fields, **kwargs)


def blinds_of(model: type[models.Model]) -> list[BlindField]:
    """The indexes of a model's sealed fields."""
    return [one for one in model._meta.concrete_fields if isinstance(one, BlindField)]


def sealed_of(model: type[models.Model]) -> list[Any]:
    """The sealed fields of a model."""
    return [one for one in model._meta.concrete_fields if isinstance(one, _Sealed)]
