"""What the clients of a chunk are called, and whether they are people or companies."""

import polars as pl

from clientela.foundation.imports.kinds.people import name_keys, sexes, split_names
from clientela.modules.clients.models import Client

_COMPANY = r"(?i)(?:^|[\s\"«])(?:ООО|АО|ПАО|ЗАО|ОАО|НАО|НКО|ГУП|МУП|ФГУП|ТСЖ|СНТ|АНО|LLC|LTD|GMBH|S\.?L\.?|S\.?A\.?)(?:[\s\"»]|$)"


def names_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Kind and names; a whole name is split, a legal form or a ten-digit INN makes a company."""

    given = set(frame.columns)

    def series(code: str) -> pl.Series:
        name = f"client.{code}"
        return frame[name] if name in given else pl.repeat(None, frame.height, dtype=pl.String, eager=True)

    full = series("full_name")
    parts = split_names(full)
    company = series("company_name")
    table = pl.DataFrame({
        "full": full, "company": company, "kind": series("kind"), "inn": series("inn"),
        "last": pl.select(pl.coalesce(series("last_name"), parts["last"])).to_series(),
        "first": pl.select(pl.coalesce(series("first_name"), parts["first"])).to_series(),
        "middle": pl.select(pl.coalesce(series("middle_name"), parts["middle"])).to_series(),
    })  # fmt: skip
    firm = (
        table.select(
            (pl.col("kind") == Client.Kind.COMPANY.value)
            | (
                pl.col("kind").is_null()
                & (
                    (pl.col("company").is_not_null() & pl.col("last").is_null())
                    | (pl.col("inn").str.len_bytes() == 10).fill_null(False)
                    | pl.col("full").str.contains(_COMPANY).fill_null(False)
                )
            ).fill_null(False)
        )
        .to_series()
        .fill_null(False)
    )
    table = table.with_columns(
        kind=pl.when(firm)
        .then(pl.lit(Client.Kind.COMPANY.value))
        .otherwise(pl.lit(Client.Kind.PERSON.value)),
        last_name=pl.when(firm).then(pl.lit("")).otherwise(pl.col("last").fill_null("")),
        first_name=pl.when(firm).then(pl.lit("")).otherwise(pl.col("first").fill_null("")),
        middle_name=pl.when(firm).then(pl.lit("")).otherwise(pl.col("middle").fill_null("")),
        company_name=pl.when(firm)
        .then(pl.coalesce("company", "full", "last", pl.lit("")))
        .otherwise(pl.lit("")),
    )
    whole = table.select(
        pl.concat_str(
            ["company_name", "last_name", "first_name", "middle_name"], separator=" "
        ).str.strip_chars(" ")
    ).to_series()
    spaced = (
        whole.str.replace_all("  ", " ", literal=True)
        if whole.str.contains("  ", literal=True).any()
        else whole
    )
    keys = name_keys(spaced).str.slice(0, 280)
    sex = sexes(table["middle_name"]) if (table["middle_name"] != "").any() else None
    return table.select("kind", "last_name", "first_name", "middle_name", "company_name").with_columns(
        name_key=keys, guessed_sex=sex if sex is not None else pl.lit(None, dtype=pl.String)
    )
