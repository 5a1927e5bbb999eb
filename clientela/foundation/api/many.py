"""Acts on many records at once: what was done and what was refused, and why."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id

MOST = 200
Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST)]


class RefusedOut(Schema):
    """``code`` is for programs, ``detail`` for people; ``not_found`` is also what the caller may not see."""

    id: int
    code: str
    detail: str


class ManyOut(Schema):
    """Every id that was asked for is either in ``done`` or in ``refused``."""

    done: list[int]
    refused: list[RefusedOut]


def told(
    asked: Iterable[int], done: Iterable[int], refused: Mapping[int, tuple[str, str]] | None = None
) -> dict[str, Any]:
    """The answer: ids in the order asked, each once; what nobody speaks of was not found within the scope."""
    acted, why = set(done), refused or {}
    missing = ("not_found", _("There is no such record, or it is not yours to see."))
    ids = list(dict.fromkeys(asked))
    return {
        "done": [pk for pk in ids if pk in acted],
        "refused": [
            {"id": pk, "code": why.get(pk, missing)[0], "detail": why.get(pk, missing)[1]}
            for pk in ids
            if pk not in acted
        ],
    }
