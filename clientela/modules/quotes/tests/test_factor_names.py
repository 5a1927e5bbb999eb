"""What factors are called in the language of the page."""

from datetime import date

from django.utils.translation import override

from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.queries.factors import factor_names, named, regular_discount, years_with_us
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs

__all__ = ["calculation", "family", "tariffs"]


def test_names_follow_the_page_and_values_stay(calculation: Calculation) -> None:
    lines = [
        {"code": "KT", "title": "Территория", "value": "1.7"}, {"code": "REGULAR", "title": "Скидка постоянного клиента"},
        {"code": "OWN", "title": "Свой"},
    ]  # fmt: skip
    with override("en"):
        found = named(lines, factor_names(calculation.product, calculation.starts_on))
    assert [one["title"] for one in found][1:] == ["Regular client's discount", "Свой"]
    assert found[0]["title"].isascii()
    assert found[0]["value"] == "1.7"
    with override("ru"):
        found = named(lines, factor_names(calculation.product, calculation.starts_on))
    assert [one["title"] for one in found] == [one["title"] for one in lines]


def test_steps_of_one_code_keep_their_own_titles(calculation: Calculation, kasko: Product) -> None:
    """KASKO has one step for named drivers and one for any driver, both К1."""
    lines = [{"code": "K1", "title": "Возраст и стаж"}, {"code": "K1", "title": "Любой водитель"}]
    names = {}
    for language in ("ru", "en"):
        with override(language):
            found = named(lines, factor_names(kasko, calculation.starts_on))
        names[language] = [one["title"] for one in found]
    assert names == {"ru": ["Возраст и стаж", "Любой водитель"], "en": ["Age and experience", "Any driver"]}


def test_a_product_without_a_version_keeps_what_is_stored(calculation: Calculation) -> None:
    names = factor_names(calculation.product, date(1990, 1, 1))
    assert named([{"code": "KT", "title": "Территория"}], names) == [{"code": "KT", "title": "Территория"}]


def test_the_discount_of_a_regular_client_is_told_in_the_language() -> None:
    with override("ru"):
        assert (str(regular_discount()), str(years_with_us(3))) == (
            "Скидка постоянного клиента",
            "год возобновления: 3",
        )
    with override("en"):
        assert str(years_with_us(3)) == "year of renewal: 3"
