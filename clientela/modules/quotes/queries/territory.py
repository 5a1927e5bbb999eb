"""Tables of the tariff as people choose from them: territories above all."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache

from clientela.foundation.bulk import listed
from clientela.modules.clients.models import Address, Client
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.queries import territories_on

Rows = tuple[dict[str, str], ...]


def territory_of(client: Client, on: date) -> str:
    """The code of the territory of the registered address, else of the city on the card; empty when none fits."""
    return territories_on(on).of(*homes_of([client])[client.pk])


def homes_of(clients: Collection[Client]) -> dict[int, tuple[str, str]]:
    """Region and town in which each of these clients is registered, else lives, else is said to be; one statement."""
    found: dict[int, Address] = {}
    rows = Address.objects.filter(client__in=listed({one.pk for one in clients})).exclude(city="")
    for row in rows.order_by("client", "-is_primary", "id"):
        before = found.setdefault(row.client_id, row)
        if row.kind == Address.Kind.REGISTERED and before.kind != Address.Kind.REGISTERED:
            found[row.client_id] = row
    homes = {pk: (row.region_code, row.city) for pk, row in found.items()}
    return {one.pk: (one.region_code, one.city) for one in clients} | homes


def rows_of(table: str, on: date) -> Rows:
    """The rows of a table as it counts on a day, a column a key; one statement, read once by this process."""
    newest = (
        TableVersion.objects.filter(table__code=table, state=TableVersion.State.APPROVED, starts_on__lte=on)
        .order_by("-starts_on", "-number")
        .values_list("pk", "stamp")
        .first()
    )
    return _rows(*newest) if newest else ()


@lru_cache(maxsize=64)
def _rows(version_id: int, _stamp: int) -> Rows:
    version = TableVersion.objects.get(pk=version_id)
    keys = [column["key"] for column in version.columns]
    return tuple(dict(zip(keys, row, strict=False)) for row in version.rows)
