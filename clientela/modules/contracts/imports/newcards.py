"""Facts that a new card is written with, so that nothing has to be counted again for it afterwards.

The rules are those of ``clients.rules``; a test holds this and the set-based refresh together.
"""

from datetime import date

import polars as pl

from clientela.foundation.imports.reading.prepare import ROW
from clientela.modules.clients import rules
from clientela.modules.clients.models import Client
from clientela.modules.contracts.imports.keys import contacts_of
from clientela.modules.contracts.models import Policy


def with_facts(people: pl.DataFrame, rows: pl.DataFrame, terms: pl.DataFrame, today: date) -> pl.DataFrame:
    """``people`` (new cards) with the portfolio facts of ``terms`` (their policies) and their completeness."""
    counted = people.join(
        _portfolios(terms, today), left_on="id", right_on="client_id", how="left", maintain_order="left"
    )
    counted = counted.with_columns(
        pl.col("policies_in_force").fill_null(0),
        pl.col("premium_in_force").fill_null(pl.lit(0, dtype=pl.Decimal(14, 2))),
        client_since=pl.min_horizontal("client_since", "first_start"),
    )
    return _complete(_categories(counted, today), rows)


def _portfolios(terms: pl.DataFrame, today: date) -> pl.DataFrame:
    force = (
        (pl.col("status").fill_null(Policy.Status.ISSUED.value) == Policy.Status.ISSUED.value)
        & (pl.col("start_date") <= today)
        & (pl.col("end_date") >= today)
    )
    return terms.group_by("client_id").agg(
        policies_in_force=force.sum(),
        premium_in_force=pl.col("premium").filter(force).sum(),
        next_end_date=pl.col("end_date").filter(force).min(),
        first_start=pl.col("start_date").min(),
        last_end=pl.coalesce("cancelled_on", "end_date").max(),
        premium=pl.col("premium").sum(),
        loss_paid=pl.col("loss_paid").fill_null(pl.lit(0, dtype=pl.Decimal(14, 2))).sum(),
    )


def _categories(people: pl.DataFrame, today: date) -> pl.DataFrame:
    """Every distinct case is judged once by the rules."""
    cases = people.select(
        in_force=pl.col("policies_in_force").clip(0, rules.LOYAL_POLICIES),
        first_start="first_start",
        last_end="last_end",
    )
    distinct = cases.unique()
    judged = [
        rules.Portfolio(in_force=force, first_start=first, last_end=last)
        for force, first, last in distinct.iter_rows()
    ]
    distinct = distinct.with_columns(
        loyalty=pl.Series([rules.loyalty(facts, today) for facts in judged], dtype=pl.String),
        temperature=pl.Series([rules.temperature(facts, today) for facts in judged], dtype=pl.String),
    )
    named = cases.join(
        distinct,
        on=["in_force", "first_start", "last_end"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    limit = pl.lit(rules.LOSS_RATIO_LIMIT).cast(pl.Decimal(4, 2))
    profit = (
        pl.when(pl.col("premium").is_null() | (pl.col("premium") <= 0)).then(pl.lit(""))
        .when(pl.col("loss_paid") > pl.col("premium") * limit).then(pl.lit(Client.Profitability.UNPROFITABLE.value))
        .otherwise(pl.lit(Client.Profitability.PROFITABLE.value))
    )  # fmt: skip
    return people.with_columns(named["loyalty"], named["temperature"], profitability=profit)


def _complete(people: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Completeness by what the rows of the card give, as ``clients.queries.presence`` looks at it."""
    fresh = rows.filter("fresh")
    contacts = contacts_of(fresh).join(fresh.select(ROW, "client_id"), on=ROW)
    places = fresh.filter(
        pl.any_horizontal(pl.col(name).fill_null("") != "" for name in ("city", "street", "postal_code"))
    )
    has = {
        "phone": contacts.filter(pl.col("kind") == "phone")["client_id"],
        "email": contacts.filter(pl.col("kind") == "email")["client_id"],
        "address": places["client_id"],
        "document": fresh.filter(pl.col("passport").is_not_null())["client_id"],
    }
    filled = {name: pl.col("id").is_in(ids.unique().implode()) for name, ids in has.items()}
    for name in ("first_name", "sex", "company_name", "inn", "ogrn"):
        filled[name] = pl.col(name).fill_null("") != ""
    filled["birth_date"] = pl.col("birth_date").is_not_null()

    def total(weights: dict[str, int]) -> pl.Expr:
        return pl.sum_horizontal(
            filled[name].cast(pl.Int64) * weight for name, weight in weights.items() if name in filled
        )

    company = pl.col("kind") == Client.Kind.COMPANY.value
    return people.with_columns(
        completeness=pl.when(company)
        .then(total(rules.COMPANY_WEIGHTS))
        .otherwise(total(rules.PERSON_WEIGHTS))
    )
