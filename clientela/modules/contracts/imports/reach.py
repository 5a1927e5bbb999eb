"""How to reach the clients of a chunk and what proves who they are: phones, e-mails, addresses, documents, keys."""

from typing import Any

import polars as pl

from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store
from clientela.modules.clients.models import Address, ContactPoint, IdentityDocument, SourceLink
from clientela.modules.contracts.imports.cards import with_zones
from clientela.modules.contracts.imports.keys import contacts_of
from clientela.modules.contracts.imports.owners import FILL, KEEP, Effects, Owners


def write_reach(rows: pl.DataFrame, owners: Owners, store: Store, effects: Effects) -> None:
    """Add what is not there yet. ``rows`` has ``client_id``, ``mine`` (this run made the card) and ``fresh``.

    With ``keep`` cards that were there before stay as they are.
    """
    open_rows = rows.filter(pl.col("writable") & (pl.col("mine") | (owners.existing != KEEP)))
    if owners.existing == KEEP:
        # As if the rows had come one after the other: only the row that makes the card says anything.
        open_rows = open_rows.filter(pl.col("fresh")).unique("client_id", keep="first", maintain_order=True)
    _links(rows, owners, store)
    _contacts(open_rows, owners, store, effects)
    _addresses(open_rows, owners, store, effects)
    _documents(open_rows, owners, store, effects)


def _known(model: Any, rows: pl.DataFrame, columns: list[str], store: Store) -> pl.DataFrame:
    """Rows of ``model`` of those clients that were there before this chunk."""
    ids = rows.filter(~pl.col("fresh")).select("client_id").unique()
    return store.find(model, ids, columns)


def _links(rows: pl.DataFrame, owners: Owners, store: Store) -> None:
    """What every row's client is called in the source: so the row finds the same card when it comes again."""
    wanted = rows.filter(pl.col("link").is_not_null() & pl.col("link_found").is_null())
    wanted = wanted.unique("link", keep="first", maintain_order=True)
    if wanted.is_empty():
        return
    keys = wanted.select(source=pl.lit(owners.source), external_id="link")
    there = store.find(SourceLink, keys, ["client_id"])
    wanted = wanted.join(there, left_on="link", right_on="external_id", how="anti", maintain_order="left")
    ids = store.reserve_ids(SourceLink, wanted.height)
    # In the order of the key, which is a digest as a rule: neighbours lie on the same pages of its index.
    store.insert(SourceLink, wanted.sort("link").select(
        "client_id", id=ids, external_id="link", source=pl.lit(owners.source), import_run_id=pl.lit(owners.run.pk)
    ))  # fmt: skip


def _contacts(rows: pl.DataFrame, owners: Owners, store: Store, effects: Effects) -> None:
    given = contacts_of(rows)
    if given.is_empty():
        return
    keys = ["client_id", "kind", "value"]
    given = given.join(rows.select(ROW, "client_id", "mine", "fresh"), on=ROW, maintain_order="left")
    given = given.sort(ROW, maintain_order=True).unique(keys, keep="first", maintain_order=True)
    there = store.find(ContactPoint, given.filter(~pl.col("fresh")).select(keys), [])
    new = given.join(there, on=keys, how="anti", maintain_order="left")
    if new.is_empty():
        return
    has_kind = _known(ContactPoint, new, ["kind"], store).unique().with_columns(has=pl.lit(True))
    new = new.join(has_kind, on=["client_id", "kind"], how="left", maintain_order="left").with_columns(
        is_primary=pl.col("has").is_null() & (pl.int_range(pl.len()).over("client_id", "kind") == 0),
        tail=pl.when(pl.col("kind") == ContactPoint.Kind.PHONE.value).then(pl.col("value").str.slice(-7)).otherwise(pl.lit("")),
        id=store.reserve_ids(ContactPoint, new.height),
    )  # fmt: skip
    store.insert(ContactPoint, new.select(
        "id", *keys, "tail", "is_primary", source=pl.lit(owners.source), created_at=pl.lit(owners.now),
        import_run_id=pl.lit(owners.run.pk),
    ))  # fmt: skip
    effects.count("contacts_created", new.height)
    effects.filled.append(new["client_id"])
    effects.changed.append(new.filter(~pl.col("mine"))[ROW])
    effects.cells.append(new.filter(~pl.col("mine")).group_by(ROW).agg(
        **{
            "client.phone": (pl.col("kind") == ContactPoint.Kind.PHONE.value).any(),
            "client.email": (pl.col("kind") == ContactPoint.Kind.EMAIL.value).any(),
        }
    ))  # fmt: skip


def _addresses(rows: pl.DataFrame, owners: Owners, store: Store, effects: Effects) -> None:
    given = rows.filter(
        pl.any_horizontal(pl.col(name).fill_null("") != "" for name in ("city", "street", "postal_code"))
    )
    if given.is_empty():
        return
    parts = ["region_code", "city", "street", "postal_code"]
    given = given.with_columns(pl.col(name).fill_null("") for name in parts)
    known = _known(Address, given, ["city", "street"], store)
    same = ["client_id"] if owners.existing == FILL else ["client_id", "city", "street"]
    new = given.unique(same, keep="first", maintain_order=True)
    new = new.join(known, on=same, how="anti", maintain_order="left")
    if new.is_empty():
        return
    has_one = known.select("client_id").unique()["client_id"].implode()
    new = new.with_columns(
        id=store.reserve_ids(Address, new.height),
        is_primary=~pl.col("client_id").is_in(has_one) & (pl.int_range(pl.len()).over("client_id") == 0),
    )
    zoned = with_zones(new, owners.time_zone)
    store.insert(Address, zoned.select(
        "id", "client_id", *parts, "time_zone", "is_primary", kind=pl.lit(Address.Kind.LIVING.value),
        import_run_id=pl.lit(owners.run.pk),
    ))  # fmt: skip
    _added(new, effects, "client.street")


def _documents(rows: pl.DataFrame, owners: Owners, store: Store, effects: Effects) -> None:
    given = pl.concat(
        rows.select(ROW, "client_id", "mine", "fresh", number=name, kind=pl.lit(kind.value))
        for name, kind in (
            ("passport", IdentityDocument.Kind.PASSPORT),
            ("licence", IdentityDocument.Kind.LICENCE),
        )
    ).drop_nulls("number")
    if given.is_empty():
        return
    keys = ["client_id", "kind", "number"]
    known = _known(IdentityDocument, given, ["kind", "number"], store)
    new = given.unique(keys, keep="first", maintain_order=True).join(
        known, on=keys, how="anti", maintain_order="left"
    )
    new = new.with_columns(id=store.reserve_ids(IdentityDocument, new.height))
    store.insert(IdentityDocument, new.select("id", *keys, import_run_id=pl.lit(owners.run.pk)))
    _added(new, effects, "client.passport")


def _added(new: pl.DataFrame, effects: Effects, cell: str) -> None:
    effects.filled.append(new["client_id"])
    others = new.filter(~pl.col("mine"))
    effects.changed.append(others[ROW])
    effects.cells.append(others.select(ROW).unique().with_columns(pl.lit(True).alias(cell)))
