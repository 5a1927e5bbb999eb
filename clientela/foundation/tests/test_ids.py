import pytest

from clientela.foundation.ids import GREATEST_ID, id_of, ids_of


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), (str(GREATEST_ID), GREATEST_ID)])
def test_an_id_is_read(text, number):
    assert id_of(text) == number


@pytest.mark.parametrize(
    "text", [None, "", "0", "-1", "+1", "1.0", " 1", "1_0", "²", "١", "x", str(GREATEST_ID + 1), "9" * 5000]
)
def test_what_is_no_id_is_left_out(text):
    assert id_of(text) is None


def test_ids_keep_their_order_each_once():
    assert ids_of(["3", "x", "1", "3", "9" * 30, "2"], most=2) == [3, 1]
    assert ids_of([], most=5) == []
