"""What every act of the drawer is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language

from clientela.foundation.ui import formats
from clientela.modules.contracts.models import Project
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.terms import refresh
from clientela.modules.renewals.operations.work import (
    drop_blocked,
)
from clientela.workspace.renewals.queries import term as reads


class Refused(Exception):
    """The act cannot be done; the sentence goes to a field, or to the whole form when ``field`` is None."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.text, self.field = text, field


@dataclass(frozen=True)
class Done:
    """What to tell the person, and where «Undo» goes when there is one."""

    text: str
    undo_url: str = ""
    kind: str = "good"


class Case:
    """A term in the hands of a person at a moment; the open project is read once."""

    def __init__(self, term: Renewal, *, actor: Any, today: date, now: datetime) -> None:
        self.term, self.actor, self.today, self.now = term, actor, today, now
        self.project: Project | None = reads.open_project(term)

    def money(self, amount: Decimal) -> str:
        """A sum in the person's language."""
        return formats.money(amount, get_language() or "ru")

    def settle(self) -> None:
        """Bring the term's facts up to date at once, without waiting for the events, and drop what they stop."""
        refresh(now=self.now, policy_ids=[self.term.policy_id])
        drop_blocked([self.term.pk], now=self.now)


@dataclass(frozen=True)
class Act:
    """One act of the drawer."""

    code: str
    permission: str
    verb: Promise
    form: Callable[[Case, Any], forms.Form]
    do: Callable[[Case, dict[str, Any]], Done]
    title: Callable[[Case], str]
    lead: Callable[[Case], str] = lambda _case: ""
    kind: str = "primary"
    needs_project: bool = False


def name_of(case: Case) -> str:
    return case.term.client.name
