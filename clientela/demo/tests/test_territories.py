"""Every town of the demo has a territory."""

from datetime import UTC, date, datetime

import pytest

from clientela.demo import territories
from clientela.foundation.regions import cities
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.modules.rating.queries import territory_for

ON = date(2026, 12, 1)


@pytest.mark.django_db
def test_a_town_beside_the_centre_is_priced_and_the_centre_stays() -> None:
    load_shipped(now=datetime(2026, 11, 1, tzinfo=UTC))
    assert territory_for("RU-TA", "Нижнекамск", ON) == ""
    assert territories.write() > 60
    assert (territory_for("RU-TA", "Нижнекамск", ON), territory_for("RU-TA", "Казань", ON)) == (
        "kazan-other",
        "kazan",
    )
    assert [one.name_ru for one in cities() if not territory_for(one.region, one.name_ru, ON)] == []
