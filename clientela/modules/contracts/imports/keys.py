"""What rows can be recognised by."""

import hashlib

import polars as pl

from clientela.foundation import keyring
from clientela.foundation.imports.reading.prepare import ROW
from clientela.modules.clients.models import ContactPoint

# When a row is taken. A row without a name knows its client only by the best key it has, so those come after the
# rows with names, the better keys first: no row then makes anything that one before it should have found.
NAMED, BY_KEY, BY_INN, BY_PASSPORT, BY_POLICY = range(5)


def turn_of(named: pl.Expr, key: pl.Expr, inn: pl.Expr, passport: pl.Expr) -> pl.Expr:
    """The turn of a row by whether it has a name and which keys it gives."""
    return (
        pl.when(named).then(NAMED)
        .when(key.is_not_null()).then(BY_KEY)
        .when(inn.is_not_null()).then(BY_INN)
        .when(passport.is_not_null()).then(BY_PASSPORT)
        .otherwise(BY_POLICY)
    )  # fmt: skip


def source_keys(rows: pl.DataFrame) -> pl.Series:
    """The key of a row's client in the source; where the source gives none, a digest of who the client is.

    Null for a row that has neither a key nor a name.
    """
    own = rows["external_id"] if "external_id" in rows.columns else None
    if own is not None and own.null_count() == 0:
        return own
    parts = [
        pl.col(name).cast(pl.String).fill_null("") for name in ("name_key", "birth_date", "inn", "passport")
    ]
    who = pl.concat_str(
        [*parts, pl.col("phones").fill_null(""), pl.col("email").fill_null("")], separator="|"
    )
    named = pl.when(pl.col("name_key") != "").then(who)
    texts = rows.select(named, secret=pl.any_horizontal(pl.col("inn", "passport").is_not_null())).iter_rows()
    digests = pl.Series([text and "#" + _digest(text, secret) for text, secret in texts], dtype=pl.String)
    return digests if own is None else pl.select(pl.coalesce(own, digests)).to_series()


def _digest(text: str, secret: bool) -> str:
    """With a number of a document in it the digest is keyed: the number could be guessed from a bare one."""
    if secret:
        return keyring.digest(text, "imports.source")[:24]
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def contacts_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows ``_row, kind, value`` of every phone and e-mail, in the order they stand."""
    phones = rows.select(
        ROW, kind=pl.lit(ContactPoint.Kind.PHONE.value), value=pl.col("phones").str.split(" ")
    ).explode("value")
    emails = rows.select(ROW, kind=pl.lit(ContactPoint.Kind.EMAIL.value), value="email")
    return pl.concat([phones, emails]).filter(pl.col("value").is_not_null() & (pl.col("value") != ""))
