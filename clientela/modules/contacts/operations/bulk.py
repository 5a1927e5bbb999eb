"""One UPDATE for many rows with different values."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models


def update_rows(model: type[models.Model], rows: Mapping[int, Mapping[str, Any]], *, where: str = "") -> int:
    """Write ``{id: {field: value}}`` in one statement; every row names the same fields. Returns the row count.

    ``where`` is a further condition in SQL on the columns of the table, with no parameters.
    """
    if not rows:
        return 0
    names = list(next(iter(rows.values())))
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    casts = connection.vendor == "postgresql"
    sets, parameters = [], []
    for number, field in enumerate(fields, 2):
        value = f"given.column{number}"
        sets.append(
            f"{quote(field.column)} = "
            + (f"CAST({value} AS {field.db_type(connection)})" if casts else value)
        )
    for row_id, values in rows.items():
        parameters.append(row_id)
        parameters += [field.get_db_prep_save(values[field.name], connection) for field in fields]
    place = "(" + ", ".join(["%s"] * (len(fields) + 1)) + ")"
    table = quote(model._meta.db_table)
    sql = (
        f"UPDATE {table} SET {', '.join(sets)} FROM (VALUES {', '.join([place] * len(rows))}) AS given "
        f"WHERE {table}.id = given.column1" + (f" AND {where}" if where else "")
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount
