"""A row for the other towns of each region in the demo's OSAGO territories.

The shipped table has the regional centres (see ``modules/rating/shipped``); the rest of the tariff act is brought in by
spreadsheet. A third of the demo's clients live elsewhere and could not be priced. The figures of these rows are made up
and their titles say so.
"""

from decimal import Decimal

from clientela.foundation.regions import REGIONS
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.rules.territories import WHOLE_CITIES

OF_CENTRE = Decimal("0.7")
CENT = Decimal("0.01")
NAMED = {one.code: one for one in REGIONS}


def write() -> int:
    """Rows for regions that only have their centre, in every version that counts; returns how many in the newest."""
    added = 0
    for version in TableVersion.objects.filter(
        table__code="osago.kt", state=TableVersion.State.APPROVED
    ).order_by("id"):
        body = version.body
        lines = [
            {column["key"]: cell for column, cell in zip(version.columns, row, strict=True)}
            for row in version.rows
        ]
        whole = {line["region"] for line in lines if not line["city"]} | WHOLE_CITIES
        centres = {line["region"]: line for line in reversed(lines) if line["city"]}
        others = [_others(line) for region, line in centres.items() if region not in whole]
        version.rows = [*version.rows, *([line[key] for key in body.places] for line in others)]
        version.save()
        added = len(others)
    return added


def _others(centre: dict[str, str]) -> dict[str, str]:
    region = NAMED[centre["region"]]
    return centre | {
        "territory": f"{centre['territory']}-other", "city": "",
        "title": f"{region.name_ru}, прочие (условная цифра)", "title_en": f"{region.name_en}, other (made-up figure)",
    } | {key: str((Decimal(centre[key]) * OF_CENTRE).quantize(CENT)) for key in ("cars", "tractors")}  # fmt: skip
