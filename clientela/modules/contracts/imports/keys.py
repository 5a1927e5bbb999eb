"""What rows can be recognised by."""

import hashlib

import polars as pl

from clientela.foundation.imports.reading.prepare import ROW
from clientela.modules.clients.models import ContactPoint


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


def contacts_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows ``_row, kind, value`` of every phone and e-mail, in the order they stand."""
    phones = rows.select(
        ROW, kind=pl.lit(ContactPoint.Kind.PHONE.value), value=pl.col("phones").str.split(" ")
    ).explode("value")
    emails = rows.select(ROW, kind=pl.lit(ContactPoint.Kind.EMAIL.value), value="email")
    return pl.concat([phones, emails]).filter(pl.col("value").is_not_null() & (pl.col("value") != ""))
