"""Tables of the tariff as people choose from them: territories above all."""

from datetime import date
from functools import lru_cache

from clientela.foundation.names import name_key
from clientela.modules.clients.models import Address, Client
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.queries import territory_for

TABLE = "osago.kt"
Rows = tuple[dict[str, str], ...]


def territory_of(client: Client, on: date) -> str:
    """The code of the territory of the registered address, else of the city on the card; empty when none fits."""
    rows = Address.objects.filter(client=client).exclude(city="").order_by("-is_primary", "id")
    homes = {row.kind: row for row in rows}
    home = homes.get(Address.Kind.REGISTERED) or next(iter(homes.values()), None)
    city, region = (home.city, home.region_code) if home else (client.city, client.region_code)
    if region:  # towns of one name lie in different regions
        return territory_for(region, city, on)
    named = (row for row in rows_of(TABLE, on) if city and name_key(row.get("city", "")) == name_key(city))
    return next((row["territory"] for row in named), "")


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
