"""Who a row is about: the same card for the same person, however the rows are cut into chunks.

A row's client is found, in this order, by the key the source gives (``SourceLink``), INN, passport, a phone or
e-mail together with the same name and no other birth date, and the number of a policy. The first that finds a
card decides; of several cards the oldest. Rows of one file are compared with the rows before them in the same way.
A row without a name is found only by the best of key, INN, passport and number that it has, and comes after the file.
Every row with a key or a name leaves a ``SourceLink``, so the same file finds the same cards when it comes again.
"""

from dataclasses import dataclass

import polars as pl

from clientela.foundation.imports.kinds.identifiers import policy_number_keys
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import find_sealed
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument, SourceLink
from clientela.modules.contracts.imports.keys import BY_INN, BY_PASSPORT, BY_POLICY, NAMED, contacts_of
from clientela.modules.contracts.imports.known import Base
from clientela.modules.contracts.imports.owners import Owners
from clientela.modules.contracts.imports.sequence import FRESH, one_by_one

MATCHES = ("link", "inn", "passport", "contact", "policy")


@dataclass
class Found:
    """For every row: ``client`` (id), or ``leader``, the row that makes the new card; neither: nobody is named."""

    client: pl.Series
    leader: pl.Series
    link: pl.Series
    several: pl.Series


def resolve(rows: pl.DataFrame, base: Base, owners: Owners) -> Found:
    """Find the client of every row. ``rows`` come from ``cards.client_rows``."""
    matches = _matches(rows, base, owners.source)
    client = matches.select(pl.coalesce([matches[name] for name in MATCHES])).to_series()
    leader = rows.select(pl.col(ROW).first().over("link")).to_series()
    leader = leader.set(client.is_not_null() | (rows["turn"] != NAMED), None)
    found = Found(client, leader, matches["link"], matches["several"])
    tangled = _tangled(rows, found, matches["candidate"])
    if not tangled.any():
        return found
    places = tangled.arg_true()
    slow_client, slow_leader = one_by_one(rows[places], base.store, owners)
    return Found(
        client.scatter(places, slow_client), leader.scatter(places, slow_leader), found.link, found.several
    )


def _matches(rows: pl.DataFrame, base: Base, source: str) -> pl.DataFrame:
    """A column of client ids for every way of finding, null where it finds nothing."""
    count = rows.height
    table = {name: pl.repeat(None, count, dtype=pl.Int64, eager=True) for name in MATCHES}
    several = pl.repeat(False, count, eager=True)
    near = [pl.DataFrame(schema={ROW: pl.Int64, "card": pl.Int64})]
    keys = rows.select(source=pl.lit(source), external_id="link").drop_nulls().unique()
    links = base.store.find(SourceLink, keys, ["client_id"])
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
        found = finder(rest, base, near)
        if found is None or found.is_empty():
            continue
        best = found.group_by(ROW).agg(pl.col("found").min(), several=pl.col("found").n_unique() > 1)
        joined = rows.select(ROW).join(best, on=ROW, how="left", maintain_order="left")
        table[name] = joined["found"]
        several = several | joined["several"].fill_null(False)
    cards = pl.concat(near).group_by(ROW).agg("card")
    candidate = rows.select(ROW).join(cards, on=ROW, how="left", maintain_order="left")["card"]
    return pl.DataFrame({**table, "several": several, "candidate": candidate})


def _left(rows: pl.DataFrame, found: pl.DataFrame, on: list[str]) -> pl.Series:
    best = found.group_by(on).agg(pl.col("found").min())
    return rows.select(on).join(best, on=on, how="left", maintain_order="left")["found"]


def _by_inn(rows: pl.DataFrame, base: Base, near: list[pl.DataFrame]) -> pl.DataFrame | None:
    given = rows.filter(pl.col("turn").is_in([NAMED, BY_INN])).select(ROW, "inn").drop_nulls()
    if given.is_empty():
        return None
    found = find_sealed(base.store, Client, "inn", given["inn"].unique(), ["id"])
    return given.join(found.rename({"id": "found"}), on="inn").select(ROW, "found")


def _by_passport(rows: pl.DataFrame, base: Base, near: list[pl.DataFrame]) -> pl.DataFrame | None:
    given = (
        rows.filter(pl.col("turn").is_in([NAMED, BY_PASSPORT])).select(ROW, number="passport").drop_nulls()
    )
    if given.is_empty():
        return None
    numbers, kind = given["number"].unique(), IdentityDocument.Kind.PASSPORT.value
    found = find_sealed(base.store, IdentityDocument, "number", numbers, ["client_id"], kind)
    return given.join(found.rename({"client_id": "found"}), on="number").select(ROW, "found")


def _by_contact(rows: pl.DataFrame, base: Base, near: list[pl.DataFrame]) -> pl.DataFrame | None:
    given = contacts_of(rows).select(ROW, "kind", "value")
    if given.is_empty():
        return None
    points = base.store.find(ContactPoint, given.select("value", "kind").unique(), ["client_id"])
    if points.is_empty():
        return None
    people = base.cards.of(points["client_id"]).select("name_key", client_id="id", born="birth_date")
    named = rows.select(ROW, "name_key", "birth_date").filter(pl.col("name_key") != "")
    reached = given.join(points, on=["value", "kind"])
    near.append(reached.select(ROW, card="client_id"))
    return (
        reached.join(people, on="client_id")
        .join(named, on=[ROW, "name_key"])
        .filter(
            (pl.col("born") == pl.col("birth_date"))
            | pl.col("born").is_null()
            | pl.col("birth_date").is_null()
        )
        .select(ROW, found="client_id")
    )


def _by_policy(rows: pl.DataFrame, base: Base, near: list[pl.DataFrame]) -> pl.DataFrame | None:
    """Of a row without a name the policy alone decides, else the name must be the same; the very term comes first."""
    if "policy_number" not in rows.columns:
        return None
    numbers = policy_number_keys(rows["policy_number"])
    given = rows.select(ROW, "name_key", "turn", "policy_start", number_key=numbers).filter(
        pl.col("number_key").is_not_null() & pl.col("turn").is_in([NAMED, BY_POLICY])
    )
    terms = base.terms.of(given["number_key"]).select("number_key", "client_id", "start_date")
    if terms.is_empty():
        return None
    names = base.cards.of(terms["client_id"]).select(client_id="id", known="name_key")
    reached = given.join(terms, on="number_key")
    near.append(reached.select(ROW, card="client_id").unique())
    very = (pl.col("start_date") == pl.col("policy_start")).fill_null(False)
    return (
        reached.join(names, on="client_id")
        .filter((pl.col("turn") == BY_POLICY) | (pl.col("name_key") == pl.col("known")))
        .filter(very | ~very.any().over(ROW))
        .select(ROW, found="client_id")
    )


def _tangled(rows: pl.DataFrame, found: Found, candidates: pl.Series) -> pl.Series:
    """Rows whose client depends on what the rows before them do: they share a key with another client's rows,

    disagree with other rows of their own client, or name nobody. The others can be decided all at once.
    """
    who = pl.select(pl.coalesce(found.client, found.leader + FRESH)).to_series()
    keyed = rows.select(ROW, "link", "inn", "passport", "name_key", "birth_date").with_columns(who=who)
    keys = [
        keyed.select("who", key=pl.concat_str([pl.lit(name), pl.col(name)]))
        for name in ("link", "inn", "passport")
    ]
    shared = contacts_of(rows).join(keyed.select(ROW, "who"), on=ROW)
    keys.append(shared.select("who", key=pl.concat_str(["kind", "value"])))
    if "policy_number" in rows.columns:
        keys.append(keyed.select("who", key=pl.lit("policy") + policy_number_keys(rows["policy_number"])))
    # The cards a phone, an address of e-mail or a policy leads to, whatever their name is now.
    near = pl.DataFrame({"who": who, "card": candidates}).explode("card").drop_nulls("card")
    keys.append(near.select("who", key=pl.lit("card") + pl.col("card").cast(pl.String)))
    known = keyed.filter(found.client.is_not_null()).select(
        "who", key=pl.lit("card") + pl.col("who").cast(pl.String)
    )
    keys.append(known)
    pairs = pl.concat(keys).drop_nulls("key").unique()
    rivals = pairs.filter(pl.col("key").is_duplicated())["who"]
    says = keyed.group_by("who").agg(
        (pl.col("name_key").n_unique() > 1)
        | (pl.col("inn").drop_nulls().n_unique() > 1)
        | (pl.col("birth_date").drop_nulls().n_unique() > 1)
    )
    torn = says.filter(pl.col("name_key"))["who"]
    odd = pl.concat([rivals, torn]).unique()
    nobody = (rows["turn"] != NAMED) & found.client.is_null()
    return who.is_in(odd.implode()).fill_null(False) | nobody
