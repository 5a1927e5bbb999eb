"""Many copies of a loaded demo company in one base, made by the database itself, for load tests.

Usage: CLIENTELA_DATABASE_URL=… python -m clientela.demo.scale 20
A base with 50,000 clients becomes one with a million: names are drawn from the same vocabulary, while
phones, addresses of mail, policy numbers, plates, VINs and documents are the copy's own.
"""

import os
import sys
import time
from collections.abc import Callable

from django.db import connection, models, transaction

MOST_COPIES = 80  # two digits of a VIN and the phone layers below those of the company


def multiply(copies: int, say: Callable[[str], None] = lambda line: None) -> dict[str, int]:
    """Turn what is in the base into ``copies`` times as much, itself included; returns new rows by table.

    Raises ``ValueError`` unless ``copies`` is from 2 to ``MOST_COPIES``.
    """
    if not 2 <= copies <= MOST_COPIES:
        raise ValueError(f"copies must be from 2 to {MOST_COPIES}")
    from clientela.demo.bulk import bare, reset_sequences
    from clientela.demo.scale_columns import COPIED, own_values, write_documents
    from clientela.modules.clients.models import IdentityDocument

    written: dict[str, int] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        strides = {model: _newest(model) for model in COPIED}
        for model in COPIED:
            with bare(model._meta.db_table, always=True):
                if model is IdentityDocument:
                    rows = write_documents(copies, strides)
                else:
                    cursor.execute(_statement(model, strides, own_values(model, strides), copies))
                    rows = cursor.rowcount
            written[model._meta.db_table] = rows
            say(f"{rows:>11,} {model._meta.db_table}")
        reset_sequences(COPIED)
        cursor.execute("ANALYZE")
    return written


def _newest(model: type[models.Model]) -> int:
    return model._default_manager.aggregate(newest=models.Max("pk"))["newest"] or 0


def _statement(
    model: type[models.Model], strides: dict[type[models.Model], int], own: dict[str, str], copies: int
) -> str:
    quote = connection.ops.quote_name
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = f"b.{quote(str(field.column))}"
        stride = strides[model] if field.primary_key else strides.get(field.related_model)  # type: ignore[arg-type]
        columns.append(quote(str(field.column)))
        values.append(own.get(field.attname) or (f"{column} + c.k * {stride}" if stride else column))
    series = " UNION ALL ".join(f"SELECT {number} AS k" for number in range(1, copies))
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {quote(model._meta.db_table)} b CROSS JOIN ({series}) c "
        f"WHERE b.{quote('id')} <= {strides[model]} ORDER BY c.k, b.{quote('id')}"
    )


def main(arguments: list[str]) -> None:
    """Multiply the base of ``CLIENTELA_DATABASE_URL``."""
    import django

    if len(arguments) != 1 or not arguments[0].isdecimal():
        sys.exit(__doc__)
    django.setup()
    began = time.perf_counter()
    rows = sum(multiply(int(arguments[0]), print).values())
    seconds = time.perf_counter() - began
    print(f"{rows:,} rows in {seconds:.1f} s, {rows / seconds:,.0f} a second")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.settings")
    main(sys.argv[1:])
