import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib.gsm import GSM_CHARACTER_TABLE

from clientela.integrations.smpp import text


def _joined(encoded: text.Encoded) -> str:
    bodies = [text.split_header(body)[1] for body in encoded.bodies] if encoded.has_header else encoded.bodies
    return "".join(text.decode(body, encoded.data_coding) for body in bodies)


def test_gsm_codes_are_those_of_the_standard() -> None:
    # 3GPP TS 23.038 6.2.1: the ends of the table and the characters people use most.
    assert text.encode_gsm("@£$¥ΔΩ§¿à Az09") == [
        bytes([code])
        for code in (0x00, 0x01, 0x02, 0x03, 0x10, 0x15, 0x5F, 0x60, 0x7F, 0x20, 0x41, 0x7A, 0x30, 0x39)
    ]
    assert text.encode_gsm("€[~") == [b"\x1b\x65", b"\x1b\x3c", b"\x1b\x3d"]
    assert text.encode_gsm("Привет") is None


def test_gsm_table_agrees_with_another_implementation() -> None:
    ours = text.decode_gsm(bytes(code for code in range(128) if code != 0x1B))
    theirs = "".join(char for code, char in enumerate(GSM_CHARACTER_TABLE[:128]) if code != 0x1B)
    # Theirs has no section sign: a grave accent stands in its place.
    assert [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b] == [("§", "`")]


@pytest.mark.parametrize(
    ("words", "data_coding", "sizes"),
    [
        ("a" * 160, text.GSM, [160]),
        ("a" * 161, text.GSM, [153, 8]),
        ("a" * 306, text.GSM, [153, 153]),
        ("€" * 80, text.GSM, [160]),
        ("a" * 152 + "€" * 10, text.GSM, [152, 20]),  # the escape pair does not fit in the first part
        ("я" * 70, text.UCS2, [140]),
        ("я" * 71, text.UCS2, [134, 8]),
        ("я" * 134, text.UCS2, [134, 134]),
        ("я" * 66 + "😀" + "я" * 5, text.UCS2, [132, 14]),  # nor does the surrogate pair
    ],
)
def test_a_text_is_cut_at_the_right_place(words: str, data_coding: int, sizes: list[int]) -> None:
    encoded = text.encode(words, reference=0x1234)

    head = 6 if len(sizes) > 1 else 0
    assert encoded.data_coding == data_coding
    assert [len(body) - head for body in encoded.bodies] == sizes
    if head:
        assert [body[:6] for body in encoded.bodies] == [
            bytes((5, 0, 3, 0x34, len(sizes), number)) for number in range(1, len(sizes) + 1)
        ]
    assert _joined(encoded) == words


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=700), st.integers(0, 2**40))
def test_any_text_comes_back(words: str, reference: int) -> None:
    encoded = text.encode(words, reference)

    assert _joined(encoded) == words
    assert all(len(body) <= (160 if encoded.data_coding == text.GSM else 140) for body in encoded.bodies)


def test_more_than_255_parts_are_refused() -> None:
    assert len(text.encode("я" * 67 * 255, 1).bodies) == 255
    with pytest.raises(text.TextTooLong):
        text.encode("я" * (67 * 255 + 1), 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\x05\x00\x03\x07\x02\x01ab", ((7, 2, 1), b"ab")),
        (b"\x06\x08\x04\x01\x02\x03\x02ab", ((258, 3, 2), b"ab")),
        (b"\x0a\x24\x01\x00\x00\x03\x07\x02\x01\x25\x00ab"[:13], ((7, 2, 1), b"ab")),
        (b"\x03\x24\x01\x00ab", (None, b"ab")),
        (b"\x7fab", (None, b"\x7fab")),
        (b"", (None, b"")),
    ],
)
def test_headers_of_other_senders_are_read(body: bytes, expected: object) -> None:
    assert text.split_header(body) == expected
