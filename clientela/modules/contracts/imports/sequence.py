"""Who rows are about, decided one after the other: for the few rows whose client depends on the rows before them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from clientela.foundation.imports.kinds.identifiers import policy_number_keys
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store, find_sealed
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument, SourceLink
from clientela.modules.contracts.imports.keys import BY_INN, BY_PASSPORT, BY_POLICY, NAMED, contacts_of
from clientela.modules.contracts.imports.owners import KEEP, UPDATE, Owners
from clientela.modules.contracts.models import Policy

# Numbers from here on stand for “the card that this row makes”.
FRESH = 2**40


@dataclass
class _Card:
    """What a card says by now."""

    name: str
    born: date | None
    inn: str
    kind: str
    writable: bool = True


class _Base:
    """The part of the base that the rows can touch, as it is after every row."""

    def __init__(self, rows: pl.DataFrame, store: Store, owners: Owners) -> None:
        self.mode = owners.existing
        numbers = _numbers(rows)
        self.links: dict[str, int] = dict(
            store.find(
                SourceLink,
                rows.select(source=pl.lit(owners.source), external_id="link").drop_nulls().unique(), ["client_id"],
            ).select("external_id", "client_id").iter_rows()
        )  # fmt: skip
        self.passports: dict[str, set[int]] = {}
        passports, kind = rows["passport"].drop_nulls().unique(), IdentityDocument.Kind.PASSPORT.value
        papers = find_sealed(store, IdentityDocument, "number", passports, ["client_id"], kind)
        for number, who in papers.select("number", "client_id").iter_rows():
            self.passports.setdefault(number, set()).add(who)
        self.contacts: dict[str, set[int]] = {}
        points = store.find(ContactPoint, contacts_of(rows).select("value", "kind").unique(), ["client_id"])
        for kind, value, who in points.select("kind", "value", "client_id").iter_rows():
            self.contacts.setdefault(f"{kind}|{value}", set()).add(who)
        self.terms: dict[str, dict[date, int]] = {}
        terms = store.find(
            Policy, pl.DataFrame({"number_key": numbers.drop_nulls().unique()}), ["start_date", "client_id"]
        )
        for number, start, who in terms.select("number_key", "start_date", "client_id").iter_rows():
            self.terms.setdefault(number, {})[start] = who
        by_inn = find_sealed(store, Client, "inn", rows["inn"].drop_nulls().unique(), ["id"])
        ids = {*self.links.values(), *by_inn["id"]}
        for group in (*self.passports.values(), *self.contacts.values()):
            ids |= group
        for owned in self.terms.values():
            ids |= set(owned.values())
        cards = store.find(
            Client, pl.DataFrame({"id": sorted(ids)}, schema={"id": pl.Int64}),
            ["name_key", "birth_date", "inn", "kind", "agent_id", "branch_id", "centre_id"],
        ).with_columns(writable=owners.scope.expression())  # fmt: skip
        self.cards = {
            card["id"]: _Card(
                card["name_key"], card["birth_date"], card["inn"], card["kind"], card["writable"]
            )
            for card in cards.iter_rows(named=True)
        }

        self.inns: dict[str, set[int]] = {}
        for pk, card in self.cards.items():
            self.inns.setdefault(card.inn, set()).add(pk)

    def _number(self, who: int, inn: str) -> None:
        card = self.cards[who]
        if card.inn != inn:
            self.inns.get(card.inn, set()).discard(who)
            self.inns.setdefault(inn, set()).add(who)
            card.inn = inn

    def find(self, row: dict[str, Any], contacts: list[str]) -> int | None:
        """The card of a row as the base is now."""
        if row["link"] in self.links:
            return self.links[row["link"]]
        turn, name, born = row["turn"], row["name_key"], row["birth_date"]
        if turn in (NAMED, BY_INN) and row["inn"] and (same := self.inns.get(row["inn"])):
            return min(same)
        if turn in (NAMED, BY_PASSPORT) and (holders := self.passports.get(row["passport"] or "")):
            return min(holders)
        if turn == NAMED:
            people = [
                who for contact in contacts for who in self.contacts.get(contact, ())
                if self.cards[who].name == name and (born is None or self.cards[who].born in (None, born))
            ]  # fmt: skip
            if people:
                return min(people)
        if turn not in (NAMED, BY_POLICY):
            return None
        owners = self.terms.get(row["number"] or "", {})
        named = {start: who for start, who in owners.items() if not name or self.cards[who].name == name}
        return named.get(row["start"]) or min(named.values(), default=None)

    def take(self, row: dict[str, Any], who: int, contacts: list[str], *, fresh: bool) -> None:
        """What the row changes."""
        if fresh:
            self.cards[who] = _Card(row["name_key"], row["birth_date"], "", row["kind"])
        if row["link"]:
            self.links.setdefault(row["link"], who)
        card = self.cards[who]
        if fresh or (card.writable and self.mode != KEEP):
            if self.mode == UPDATE:
                card.born = row["birth_date"] or card.born
                self._number(who, row["inn"] or card.inn)
                longer = len(row["name_key"]) >= len(card.name)
                if row["name_key"] and longer and row["kind"] == card.kind:
                    card.name = row["name_key"]
            else:
                card.born = card.born or row["birth_date"]
                self._number(who, card.inn or row["inn"] or "")
            for contact in contacts:
                self.contacts.setdefault(contact, set()).add(who)
            if row["passport"]:
                self.passports.setdefault(row["passport"], set()).add(who)
        if row["number"]:
            self.terms.setdefault(row["number"], {}).setdefault(row["start"], who)


def _numbers(rows: pl.DataFrame) -> pl.Series:
    if "policy_number" not in rows.columns:
        return pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    return policy_number_keys(rows["policy_number"])


def one_by_one(rows: pl.DataFrame, store: Store, owners: Owners) -> tuple[pl.Series, pl.Series]:
    """``(client, leader)`` of every row, as if each had been brought in alone after the one before."""
    base = _Base(rows, store, owners)
    contacts: dict[int, list[str]] = {}
    for row, kind, value in contacts_of(rows).iter_rows():
        contacts.setdefault(row, []).append(f"{kind}|{value}")
    start = pl.col("policy_start") if "policy_start" in rows.columns else pl.lit(None)
    table = rows.select(
        ROW,
        "link",
        "turn",
        "kind",
        "inn",
        "passport",
        "name_key",
        "birth_date",
        start=start,
        number=_numbers(rows),
    )
    clients: list[int | None] = []
    leaders: list[int | None] = []
    for data in table.iter_rows(named=True):
        mine = contacts.get(data[ROW], [])
        who = base.find(data, mine)
        if who is None and data["turn"] != NAMED:
            clients.append(None)
            leaders.append(None)
            continue
        fresh = who is None
        known = FRESH + data[ROW] if who is None else who
        base.take(data, known, mine, fresh=fresh)
        clients.append(known if known < FRESH else None)
        leaders.append(known - FRESH if known >= FRESH else None)
    return pl.Series(clients, dtype=pl.Int64), pl.Series(leaders, dtype=pl.Int64)
