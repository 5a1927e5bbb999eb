from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils.translation import override

from clientela.foundation.ui import markup


def render(source: str, **values: object) -> str:
    with override("ru"):
        return Template(source).render(Context(values))


def test_days_carry_number_unit_and_temperature() -> None:
    assert render("{% days 17 %}") == '<span class="days soon"><b>17</b> дн.</span>'
    assert render("{% days 0 %}") == '<span class="days now"><b>сегодня</b></span>'
    assert render("{% days none %}", none=None) == ""


def test_names_from_people_are_escaped() -> None:
    assert "<script>" not in render("{% avatar name %}{% channel 'sms' name %}", name="<script> x")
    marks = [{"day": 5, "channel": "sms", "state": "sent", "label": '"><script>'}]
    drawn = render("{% track marks today=3 label=label %}", marks=marks, label='"><script>')
    assert "<script>" not in drawn


def test_track_draws_the_design_markup() -> None:
    marks = [
        {"day": 17, "channel": "email", "state": "plan", "label": "E-mail: план"},
        {"day": 5, "channel": "sms", "state": "drop", "label": "SMS: не уйдёт"},
    ]
    drawn = render("{% track marks today=17 label='Осталось 17 дней' %}", marks=marks)
    assert drawn.startswith('<div class="trk" role="img" aria-label="Осталось 17 дней" style="height:24px">')
    assert '<span class="trk-now" style="left:62.22%"></span>' in drawn
    assert '<span class="tps is-now" style="left:62.22%"><span class="tp plan" title="E-mail: план">' in drawn
    assert "#i-minus" in drawn


@pytest.mark.parametrize(
    ("change", "css"), [(-1.9, "text-good-ink"), (3.2, "text-ink-3"), (11.7, "text-bad-ink font-medium")]
)
def test_price_change_colour(change: float, css: str) -> None:
    with override("ru"):
        assert f'class="num {css}"' in markup.price_change(change)


def test_filters_speak_the_language_of_the_request() -> None:
    source = "{{ amount|money }} {{ share|percent }} {{ number|phone }}"
    values = {"amount": Decimal("8533.99"), "share": 84, "number": "+79170004108"}
    assert render(source, **values) == "8\u00a0533,99\u00a0₽ 84\u00a0% +7 917 000-41-08"
    with override("en"):
        assert Template(source).render(Context(values)) == "RUB\u00a08,533.99 84% +7 917 000-41-08"
    assert render("{{ nothing|money }}{{ nothing|short_date }}{{ nothing|near_time }}", nothing=None) == ""
