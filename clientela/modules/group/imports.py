"""A sister company's file: one row a person, one column a kind of fact."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.dates import local_today
from clientela.foundation.imports.evaluate import problem_rows
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store
from clientela.foundation.imports.targets import Field, InvalidAnswers, Option, Outcome, Part, UndoStep
from clientela.foundation.names import full_name_key, name_key
from clientela.modules.group.models import Candidate, Fact, FactKind, SisterCompany, Waiting
from clientela.modules.group.operations.taking import Taken, take_in
from clientela.modules.group.operations.traces import TARGET, clear_run
from clientela.modules.group.rules import Told, Why

PERSON, FACTS = _("Person"), pgettext_lazy("group data", "What is told")
KINDS = {"yes_no": "yes_no", "amount": "amount", "number": "figure", "date": "date", "text": "text"}
PROBLEMS: dict[str, tuple[Any, Any]] = {
    Why.CONSENT.value: (_("No consent on that day"), _("The value was not kept")),
    Why.NOBODY.value: (_("No such client"), _("The value was not kept; no card is made of such a row")),
    Why.OLD.value: (_("Too old to be kept"), _("The value was not kept")),
    "waiting": (
        _("It is not certain whose this is"),
        _("It waits for a decision on the page of sister companies"),
    ),
    "too_late": (_("The day is still to come"), _("Check the year")),
    "nobody_named": (_("Nobody is named"), _("Give a passport, an INN, or a name with a phone")),
}


def _aliases(words: str) -> tuple[str, ...]:
    return tuple(words.split("|"))


WHO = (
    Field("person.full_name", _("Full name"), "full_name", PERSON, aliases=_aliases("фио|клиент|имя клиента|full name|name")),
    Field("person.last_name", _("Surname"), "name", PERSON, max_length=120, aliases=_aliases("фамилия|surname|last name")),
    Field("person.first_name", _("First name"), "name", PERSON, max_length=80, aliases=_aliases("имя|first name")),
    Field("person.middle_name", _("Patronymic"), "name", PERSON, max_length=80, aliases=_aliases("отчество|middle name")),
    Field("person.birth_date", _("Birth date"), "birth_date", PERSON, aliases=_aliases("дата рождения|др|birth date|dob")),
    Field("person.phone", _("Phone, mobile"), "phone", PERSON, masked=True, tolerant=True,
          aliases=_aliases("телефон|мобильный|phone|mobile")),
    Field("person.passport", _("Passport, series and number"), "passport", PERSON, masked=True, tolerant=True,
          aliases=_aliases("паспорт|серия и номер паспорта|passport")),
    Field("person.inn", _("INN"), "inn", PERSON, masked=True, tolerant=True, aliases=_aliases("инн|inn")),
    Field("as_of", pgettext_lazy("group data", "As of"), "date", FACTS, aliases=_aliases("на дату|дата|по состоянию на|as of")),
)  # fmt: skip


class GroupSession:
    """One file of one company."""

    def __init__(self, run: ImportRun, company: SisterCompany, *, now: datetime) -> None:
        self.run, self.company, self.now = run, company, now
        self.today = local_today(settings.TIME_ZONE, now)

    def check(self, frame: pl.DataFrame) -> list[tuple[pl.Series, str, str]]:
        """A day to come is a mistake; somebody has to be named."""
        faults: list[tuple[pl.Series, str, str]] = []
        if "as_of" in frame.columns:
            faults.append(((frame["as_of"] > self.today).fill_null(False), "as_of", "too_late"))
        keys = [name for name in ("person.passport", "person.inn", "person.phone") if name in frame.columns]
        nobody = frame.select(
            pl.all_horizontal([pl.col(name).is_null() for name in keys] or [pl.lit(True)])
        ).to_series()
        faults.append(
            (
                nobody if len(nobody) == frame.height else pl.repeat(True, frame.height, eager=True),
                "",
                "nobody_named",
            )
        )
        return faults

    def turns(self, frame: pl.DataFrame) -> pl.Series:
        """Every row where it stands."""
        return pl.repeat(0, frame.height, dtype=pl.Int64, eager=True)

    def ready(self, frame: pl.DataFrame) -> list[Told]:
        return [self._told(row) for row in frame.iter_rows(named=True)]

    def apply(self, frame: pl.DataFrame, ready: list[Told], store: Store, *, detail: int = 0) -> Outcome:
        done = take_in(
            now=self.now, company=self.company, told=ready, via=Fact.Via.FILE, import_run=self.run,
            dry=store.rehearsal,
        )  # fmt: skip
        rows = pl.DataFrame(
            {ROW: [one.ref for one in ready],
             "outcome": ["created" if done.outcome[one.ref] == "taken" else "same" for one in ready]},
            schema={ROW: pl.Int64, "outcome": pl.String},
        )  # fmt: skip
        counts = {"facts_created": done.facts, "facts_waiting": done.waiting}
        cells = {
            one.ref: {f"fact.{code}": "new" for code in one.values}
            for one in ready[:detail] if done.outcome[one.ref] == "taken"
        }  # fmt: skip
        return Outcome(rows, counts, self._problems(done), cells)

    @staticmethod
    def _problems(done: Taken) -> pl.DataFrame | None:
        """Rows of which nothing is kept, with the reason and no value."""
        found = [
            problem_rows(pl.Series(refs, dtype=pl.Int64), code)
            for code in PROBLEMS
            if (refs := [ref for ref, outcome in done.outcome.items() if outcome == code])
        ]
        return pl.concat(found) if found else None

    def _told(self, row: Mapping[str, Any]) -> Told:
        full = row.get("person.full_name") or ""
        parts = [row.get(f"person.{name}_name") or "" for name in ("last", "first", "middle")]
        as_of: date | None = row.get("as_of")
        values = {
            name.removeprefix("fact."): _plain(value)
            for name, value in row.items() if name.startswith("fact.") and value is not None
        }  # fmt: skip
        return Told(
            ref=row[ROW], as_of=as_of or self.today, values=values,
            name_key=name_key(full) if full else full_name_key(*parts), birth_date=row.get("person.birth_date"),
            passport=row.get("person.passport") or "", inn=row.get("person.inn") or "",
            phone=str(row.get("person.phone") or "").split(" ")[0], name=full or " ".join(filter(None, parts)),
        )  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


class GroupFacts:
    """Facts from a sister company."""

    code = TARGET
    label = _("Facts from a sister company")
    open_prefixes: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    problem_texts: Mapping[str, tuple[Any, Any]] = PROBLEMS
    mappings: tuple[dict[str, Any], ...] = ()
    undo_steps: tuple[UndoStep, ...] = (
        UndoStep(Waiting, parts=(Part(Candidate, "waiting_id"),)),
        UndoStep(Fact),
    )

    @property
    def fields(self) -> tuple[Field, ...]:
        """The person, and a field for every kind in use: its titles are what a heading is guessed by."""
        kinds = FactKind.objects.filter(is_active=True)
        return WHO + tuple(
            Field(
                f"fact.{one.code}", str(one), KINDS[one.value_type], FACTS, tolerant=True, max_length=200,
                aliases=tuple(text.casefold() for text in (one.title, one.title_en, one.code) if text),
            )
            for one in kinds
        )  # fmt: skip

    @property
    def options(self) -> tuple[Option, ...]:
        return (
            Option(
                "company", _("Sister company"), _("Facts are taken under consents that name it"),
                choices=lambda _actor: list(SisterCompany.objects.filter(is_active=True).values_list("code", "name")),
                required=True,
            ),
        )  # fmt: skip

    def clean_answers(self, answers: Mapping[str, str], *, actor: Any) -> dict[str, str]:
        company = answers.get("company", "")
        if not SisterCompany.objects.filter(code=company, is_active=True).exists():
            raise InvalidAnswers({"company": _("Choose the company whose facts these are.")})
        return {"company": company}

    def open(self, run: ImportRun, *, now: datetime) -> GroupSession:
        return GroupSession(run, SisterCompany.objects.get(code=run.answers["company"]), now=now)

    def settle(
        self, run: ImportRun, touched: Iterable[int], *, now: datetime, tick: Callable[[], None]
    ) -> None:
        """Nothing elsewhere follows."""

    def left_behind(self, run: ImportRun) -> Iterable[int]:
        return ()

    def finished(self, run: ImportRun, *, now: datetime) -> None:
        """The file and what was shown of it are not needed any more."""
        clear_run(run)

    def result_links(self, run: ImportRun) -> list[tuple[Any, str]]:
        return []
