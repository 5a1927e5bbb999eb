"""Who a row is about: the same card for the same person, however the rows are cut into chunks.

A row's client is found, in this order, by the key the source gives (``SourceLink``), INN, passport, a phone or
e-mail together with the same name and no other birth date, and the number of a policy. The first that finds a
card decides; of several cards the oldest. Rows of one file are compared with the rows before them in the same way.
"""

import hashlib
from dataclasses import dataclass

import polars as pl

from clientela.foundation.imports.kinds.identifiers import policy_number_keys
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument, SourceLink
from clientela.modules.contracts.models import Policy

# Numbers from here on stand for “the card that this row makes”.
_FRESH = 2**40
MATCHES = ("link", "inn", "passport", "contact", "policy")


@dataclass
class Found:
    """For every row: ``client`` (id), or ``leader``, the row that makes the new card; neither: nobody is named."""

    client: pl.Series
    leader: pl.Series
    link: pl.Series
    several: pl.Series


def source_keys(rows: pl.DataFrame) -> pl.Series:
    """The key of a row's client in the source; where the source gives none, a digest of who the client is."""
    own = rows["external_id"] if "external_id" in rows.columns else None
    if own is not None and own.null_count() == 0:
        return own
    parts = [
        pl.col(name).cast(pl.String).fill_null("") for name in ("name_key", "birth_date", "inn", "passport")
    ]
    texts = rows.select(
        pl.concat_str([*parts, pl.col("phones").fill_null(""), pl.col("email").fill_null("")], separator="|")
    )
    digests = pl.Series([
        "#" + hashlib.blake2b(text.encode(), digest_size=12).hexdigest() for text in texts.to_series()
    ], dtype=pl.String)  # fmt: skip
    return digests if own is None else pl.select(pl.coalesce(own, digests)).to_series()


def resolve(rows: pl.DataFrame, store: Store, *, source: str) -> Found:
    """Find the client of every row. ``rows`` come from ``cards.client_rows``."""
    matches = _matches(rows, store, source)
    oldest = pl.coalesce([matches[name] for name in MATCHES])
    client = matches.select(oldest).to_series()
    several = matches["several"]
    if _agrees(rows, client):
        leader = (
            pl.DataFrame({"key": rows["link"], "row": rows[ROW]})
            .select(pl.col("row").first().over("key"))
            .to_series()
        )
        # A new card only where nothing was found.
        return Found(client, leader.set(client.is_not_null(), None), matches["link"], several)
    return _one_by_one(rows, matches, several)


def _matches(rows: pl.DataFrame, store: Store, source: str) -> pl.DataFrame:
    """A column of client ids for every way of finding, null where it finds nothing."""
    count = rows.height
    table = {name: pl.repeat(None, count, dtype=pl.Int64, eager=True) for name in MATCHES}
    several = pl.repeat(False, count, eager=True)
    keys = rows.select(source=pl.lit(source), external_id="link").unique()
    links = store.find(SourceLink, keys, ["client_id"])
    table["link"] = _left(rows, links.select(link="external_id", found="client_id"), ["link"])
    open_rows = table["link"].is_null()
    for name, finder in (
        ("inn", _by_inn),
        ("passport", _by_passport),
        ("contact", _by_contact),
        ("policy", _by_policy),
    ):
        rest = rows.filter(open_rows)
        if rest.is_empty():
            break
        found = finder(rest, store)
        if found is None or found.is_empty():
            continue
        best = found.group_by(ROW).agg(pl.col("found").min(), several=pl.col("found").n_unique() > 1)
        joined = rows.select(ROW).join(best, on=ROW, how="left", maintain_order="left")
        table[name] = joined["found"]
        several = several | joined["several"].fill_null(False)
    return pl.DataFrame({**table, "several": several})


def _left(rows: pl.DataFrame, found: pl.DataFrame, on: list[str]) -> pl.Series:
    best = found.group_by(on).agg(pl.col("found").min())
    return rows.select(on).join(best, on=on, how="left", maintain_order="left")["found"]


def _by_inn(rows: pl.DataFrame, store: Store) -> pl.DataFrame | None:
    given = rows.select(ROW, "inn").drop_nulls()
    if given.is_empty():
        return None
    found = store.find(Client, given.select("inn").unique(), ["id"])
    return given.join(found.rename({"id": "found"}), on="inn").select(ROW, "found")


def _by_passport(rows: pl.DataFrame, store: Store) -> pl.DataFrame | None:
    given = rows.select(ROW, number="passport").drop_nulls()
    if given.is_empty():
        return None
    passports = f"t.kind = '{IdentityDocument.Kind.PASSPORT.value}'"
    found = store.find(
        IdentityDocument, given.select("number").unique(), ["client_id", "kind"], where=passports
    )
    found = found.filter(pl.col("kind") == IdentityDocument.Kind.PASSPORT.value)
    return given.join(found.rename({"client_id": "found"}), on="number").select(ROW, "found")


def _by_contact(rows: pl.DataFrame, store: Store) -> pl.DataFrame | None:
    given = contacts_of(rows).select(ROW, "kind", "value")
    if given.is_empty():
        return None
    points = store.find(ContactPoint, given.select("value", "kind").unique(), ["client_id"])
    if points.is_empty():
        return None
    people = store.find(Client, points.select(id="client_id").unique(), ["name_key", "birth_date"]).rename(
        {"id": "client_id", "birth_date": "born"}
    )
    named = rows.select(ROW, "name_key", "birth_date").filter(pl.col("name_key") != "")
    return (
        given.join(points, on=["value", "kind"])
        .join(people, on="client_id")
        .join(named, on=[ROW, "name_key"])
        .filter(
            (pl.col("born") == pl.col("birth_date"))
            | pl.col("born").is_null()
            | pl.col("birth_date").is_null()
        )
        .select(ROW, found="client_id")
    )


def _by_policy(rows: pl.DataFrame, store: Store) -> pl.DataFrame | None:
    """Of a row without a name the policy alone decides, else the name must be the same."""
    if "policy_number" not in rows.columns:
        return None
    given = rows.select(ROW, "name_key", number_key=policy_number_keys(rows["policy_number"])).filter(
        pl.col("number_key").is_not_null()
    )
    terms = store.find(Policy, given.select("number_key").unique(), ["client_id"])
    if terms.is_empty():
        return None
    names = store.find(Client, terms.select(id="client_id").unique(), ["name_key"])
    names = names.rename({"id": "client_id", "name_key": "known"})
    return (
        given.join(terms.unique(), on="number_key")
        .join(names, on="client_id")
        .filter((pl.col("name_key") == "") | (pl.col("name_key") == pl.col("known")))
        .select(ROW, found="client_id")
    )


def contacts_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows ``_row, kind, value`` of every phone and e-mail, in the order they stand."""
    phones = rows.select(
        ROW, kind=pl.lit(ContactPoint.Kind.PHONE.value), value=pl.col("phones").str.split(" ")
    ).explode("value")
    emails = rows.select(ROW, kind=pl.lit(ContactPoint.Kind.EMAIL.value), value="email")
    return pl.concat([phones, emails]).filter(pl.col("value").is_not_null() & (pl.col("value") != ""))


def _agrees(rows: pl.DataFrame, client: pl.Series) -> bool:
    """Whether the source's key alone tells the rows' new clients apart: no other key is shared between them."""
    made = rows.select(first=pl.col(ROW).first().over("link")).to_series()
    who = pl.select(pl.coalesce(client, made + _FRESH)).to_series().alias("who")
    keyed = rows.with_columns(who)
    fresh = keyed.filter(client.is_null())
    if fresh.is_empty():
        return True
    if (fresh["name_key"] == "").any():
        return False
    checks = [keyed.select("who", key="inn"), keyed.select("who", key="passport")]
    named = contacts_of(rows).join(keyed.select(ROW, "who", "name_key"), on=ROW)
    checks.append(named.select("who", key=pl.concat_str(["kind", "value", "name_key"], separator="|")))
    if "policy_number" in rows.columns:
        checks.append(keyed.select("who", key=policy_number_keys(rows["policy_number"])))
    for check in checks:
        given = check.drop_nulls("key")
        if given.height and given.unique().select(pl.col("key").is_duplicated().any()).item():
            return False
    # A link that was found for some rows of a key was found for all of them; other finds may differ.
    return bool(keyed.select("link", "who").unique().select(~pl.col("link").is_duplicated().any()).item())


class _Known:
    """Keys of the clients of the rows seen so far."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self.contacts: dict[str, list[tuple[int, object]]] = {}

    def contact(self, keys: list[str], born: object) -> int | None:
        found = [
            who for key in keys for who, other in self.contacts.get(key, ())
            if born is None or other is None or born == other
        ]  # fmt: skip
        return found[0] if found else None


def _one_by_one(rows: pl.DataFrame, matches: pl.DataFrame, several: pl.Series) -> Found:
    """The same in the plain order of rows, for chunks whose rows share keys in other ways."""
    contacts: dict[int, list[str]] = {}
    for row, kind, value in contacts_of(rows).iter_rows():
        contacts.setdefault(row, []).append(f"{kind}|{value}")
    numbers = (
        policy_number_keys(rows["policy_number"]) if "policy_number" in rows.columns
        else pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    )  # fmt: skip
    table = rows.select(ROW, "link", "own_key", "inn", "passport", "name_key", "birth_date").with_columns(
        number=numbers
    )
    known = _Known()
    clients: list[int | None] = []
    leaders: list[int | None] = []
    for data, match in zip(table.iter_rows(named=True), matches.iter_rows(named=True), strict=True):
        row, name, born = data[ROW], data["name_key"], data["birth_date"]
        mine = [f"{contact}|{name}" for contact in contacts.get(row, ())] if name else []
        number_key = f"number|{data['number']}|{name}" if data["number"] else ""
        who = match["link"] or known.keys.get(f"link|{data['link']}")
        who = who or match["inn"] or known.keys.get(f"inn|{data['inn']}")
        who = who or match["passport"] or known.keys.get(f"passport|{data['passport']}")
        who = who or match["contact"] or known.contact(mine, born)
        who = who or match["policy"] or known.keys.get(number_key)
        fresh = who is None
        if fresh and not name:
            clients.append(None)
            leaders.append(None)
            continue
        who = _FRESH + row if who is None else who
        if fresh or data["own_key"]:
            known.keys.setdefault(f"link|{data['link']}", who)
        for kind in ("inn", "passport"):
            if data[kind]:
                known.keys.setdefault(f"{kind}|{data[kind]}", who)
        for key in mine:
            known.contacts.setdefault(key, []).append((who, born))
        if number_key:
            known.keys.setdefault(number_key, who)
            known.keys.setdefault(f"number|{data['number']}|", who)
        clients.append(who if who < _FRESH else None)
        leaders.append(who - _FRESH if who >= _FRESH else None)
    return Found(
        pl.Series(clients, dtype=pl.Int64), pl.Series(leaders, dtype=pl.Int64), matches["link"], several
    )
