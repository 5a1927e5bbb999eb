import pytest
from pydantic import TypeAdapter, ValidationError

from clientela.foundation.api.values import Clock, Moment


@pytest.mark.parametrize("value", ["10:00Z", "10:00+03:00", 0, 1.5, "25:00", "x"])
def test_an_hour_of_the_day_has_no_zone(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Clock).validate_python(value)
    assert TypeAdapter(Clock).validate_python("09:30").isoformat() == "09:30:00"


@pytest.mark.parametrize("value", ["2026-11-20T10:00:00", "2026-11-20", "x"])
def test_a_moment_names_its_zone(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(value)
    assert TypeAdapter(Moment).validate_python("2026-11-20T10:00:00+03:00").hour == 10
