"""The string of GOST R 56042-2014, read back by a parser of its own."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clientela.modules.billing.rules import Details, Payee, Unprintable, payment_string
from clientela.modules.billing.rules.payment_string import MOST_BYTES, SEPARATORS

STRAKHOVANIE = Payee(
    name="АО «Страхование»", inn="7713056834", kpp="", account="40702810938000000001", bank_name="ПАО СБЕРБАНК",
    bic="044525225", correspondent_account="30101810400000000225",
)  # fmt: skip
POLICY = Details(Decimal("15873.30"), "Оплата полиса ХХХ 0123456789", "Иванов")
EXAMPLE = (
    "ST00012|Name=АО «Страхование»|PersonalAcc=40702810938000000001|BankName=ПАО СБЕРБАНК|BIC=044525225"
    "|CorrespAcc=30101810400000000225|PayeeINN=7713056834|Sum=1587330|Purpose=Оплата полиса ХХХ 0123456789"
    "|LastName=Иванов"
)


def read(data: bytes) -> tuple[str, dict[str, str]]:
    """Charset and fields, as a bank's application reads them: the eighth byte parts the fields."""
    assert data[:6] == b"ST0001"
    charset = {b"1": "cp1251", b"2": "utf-8", b"3": "koi8-r"}[data[6:7]]
    mark = data[7:8].decode("ascii")
    pairs = [field.split("=", 1) for field in data[8:].decode(charset).split(mark)]
    assert len({key for key, _ in pairs}) == len(pairs)
    return charset, dict(pairs)


def test_the_example() -> None:
    assert payment_string(STRAKHOVANIE, POLICY).decode() == EXAMPLE


@pytest.mark.parametrize(("charset", "name"), [("1", "cp1251"), ("3", "koi8-r")])
def test_other_charsets(charset: str, name: str) -> None:
    payee = Payee("Страхование", "7713056834", "771301001", *_bank(), "30101810400000000225")
    data = payment_string(payee, POLICY, charset)
    assert data[:8] == b"ST0001" + charset.encode() + b"|"
    assert data == data.decode(name).encode(name)
    assert read(data)[1]["KPP"] == "771301001"


def _bank() -> tuple[str, str, str]:
    return "40702810938000000001", "ПАО СБЕРБАНК", "044525225"


@pytest.mark.parametrize(
    ("purpose", "mark"), [("полис|1", "#"), ("|#;:^_~", "{"), ("|#;:^_~{}!$%&()*+,/", "@")]
)
def test_a_separator_that_no_value_holds(purpose: str, mark: str) -> None:
    data = payment_string(STRAKHOVANIE, Details(Decimal(1), purpose))
    assert data[7:8].decode() == mark
    assert read(data)[1]["Purpose"] == purpose


def test_no_separator_is_left() -> None:
    with pytest.raises(Unprintable):
        payment_string(STRAKHOVANIE, Details(Decimal(1), SEPARATORS))


def test_requisites_that_are_long_go_in_one_byte_a_letter() -> None:
    payee = Payee("Ы" * 150, "7713056834", "", *_bank(), "30101810400000000225")
    with pytest.raises(Unprintable):
        payment_string(payee, POLICY, "2")
    assert read(payment_string(payee, POLICY))[0] == "cp1251"


@pytest.mark.parametrize(
    ("field", "payee", "details"),
    [
        ("Name", Payee("Ы" * 161, "", "", *_bank(), "3"), POLICY),
        ("Name", Payee(" ", "", "", *_bank(), "3"), POLICY),
        ("Name", Payee("漢" * 100, "", "", *_bank(), "3"), POLICY),
        ("BankName", Payee("А", "", "", "1", "Б" * 46, "2", "3"), POLICY),
        ("Purpose", STRAKHOVANIE, Details(Decimal(1), "п" * 211)),
        ("Sum", STRAKHOVANIE, Details(Decimal(0), "полис")),
    ],
)
def test_what_cannot_be_written(field: str, payee: Payee, details: Details) -> None:
    with pytest.raises(Unprintable) as refused:
        payment_string(payee, details)
    assert refused.value.field == field


LETTERS = st.text(st.characters(codec="cp1251", exclude_categories=["C", "Z"]), min_size=1, max_size=45)
DIGITS = st.text("0123456789", min_size=1, max_size=20)


@given(
    LETTERS, DIGITS, LETTERS, DIGITS, DIGITS, DIGITS, LETTERS,
    st.decimals("0.01", "99999999.99", places=2), st.sampled_from(["", "1", "2"]),
)  # fmt: skip
def test_what_is_written_is_read(
    name: str, account: str, bank: str, bic: str, correspondent: str, inn: str, purpose: str, amount: Decimal, charset: str
) -> None:  # fmt: skip
    assume(set(SEPARATORS) - set(name + bank + purpose))
    payee = Payee(name, inn, "", account, bank, bic, correspondent)
    try:
        data = payment_string(payee, Details(amount, purpose), charset)
    except Unprintable:
        assert len(f"{name}{bank}".encode()) > MOST_BYTES - 110
        assert charset == "2"
        return
    _, found = read(data)
    assert list(found) == [
        "Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc", "PayeeINN", "Sum", "Purpose",
    ]  # fmt: skip
    assert found == {
        "Name": name, "PersonalAcc": account, "BankName": bank, "BIC": bic, "CorrespAcc": correspondent,
        "PayeeINN": inn, "Sum": str(int(amount * 100)), "Purpose": purpose,
    }  # fmt: skip
