"""Every vector of the domain reference, the spellings people use, and what a check digit must catch."""

import re
import string
from pathlib import Path

import polib
import pytest
from django.conf import settings
from hypothesis import assume, given
from hypothesis import strategies as st

from clientela.foundation import identifiers as ids
from clientela.foundation.identifiers import InvalidIdentifier, PlateKind

BIC = "044030827"
DIGITS = st.sampled_from(string.digits)


def digits_of(length: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=length, max_size=length).filter(lambda text: text.strip("0"))


def changed(text: str, place: int, digit: str) -> str:
    assume(text[place] != digit)
    return text[:place] + digit + text[place + 1 :]


def code_of(normalize, *arguments) -> str:
    with pytest.raises(InvalidIdentifier) as caught:
        normalize(*arguments)
    assert str(caught.value.message)
    return caught.value.code


@pytest.mark.parametrize(
    ("normalize", "arguments", "expected"),
    [
        (ids.normalize_inn, ("7827004526",), "7827004526"),
        (ids.normalize_inn, ("760307073214",), "760307073214"),
        (ids.normalize_inn, (" 7603 0707 3214 ",), "760307073214"),
        (ids.normalize_inn_company, ("7827004526",), "7827004526"),
        (ids.normalize_inn_person, ("760307073214",), "760307073214"),
        (ids.normalize_snils, ("08765430300",), "08765430300"),
        (ids.normalize_snils, ("087-654-303 00",), "08765430300"),
        (ids.normalize_ogrn, ("1027812400868",), "1027812400868"),
        (ids.normalize_ogrnip, ("307760324100018",), "307760324100018"),
        (ids.normalize_kpp, ("784201001",), "784201001"),
        (ids.normalize_kpp, ("7842ав001",), "7842AB001"),
        (ids.normalize_bic, ("044030827",), "044030827"),
        (ids.normalize_account, ("40702810900000002851", BIC), "40702810900000002851"),
        (ids.normalize_account, ("40702 810 9 0000 0002851", BIC), "40702810900000002851"),
        (ids.normalize_correspondent_account, ("30101810200000000827", BIC), "30101810200000000827"),
        (ids.normalize_passport, ("4510 № 123456",), "4510123456"),
        (ids.normalize_passport_unit, ("770-001",), "770001"),
        (ids.normalize_driving_licence, ("99 01 123456",), "9901123456"),
        (ids.normalize_driving_licence, ("77 mh 123456",), "77МН123456"),
        (ids.normalize_vin, ("xta 21099 0y 2712345",), "XTA210990Y2712345"),
        (ids.normalize_vin, ("ХТА210990У2712345",), "XTA210990Y2712345"),
        (ids.normalize_body_number, ("SXE10-0012345",), "SXE100012345"),
        (ids.normalize_osago_number, ("XXX 0123456789",), "ХХХ0123456789"),
        (ids.normalize_osago_number, ("ХХХ № 0123456789",), "ХХХ0123456789"),
        (ids.normalize_osago_number, ("ттт/0123456789",), "ТТТ0123456789"),
    ],
)
def test_normalized_form(normalize, arguments, expected):
    assert normalize(*arguments) == expected


@pytest.mark.parametrize(
    ("normalize", "arguments", "code"),
    [
        (ids.normalize_inn, ("",), "empty"),
        (ids.normalize_inn, (None,), "empty"),
        (ids.normalize_inn, ("0000000000",), "zeros"),
        (ids.normalize_inn, ("000000000000",), "zeros"),
        (ids.normalize_inn, ("78270045261",), "format"),
        (ids.normalize_inn, ("78270045٢6",), "format"),
        (ids.normalize_inn, ("7827004527",), "check_digit"),
        (ids.normalize_inn_company, ("760307073214",), "format"),
        (ids.normalize_inn_person, ("7827004526",), "format"),
        (ids.normalize_snils, ("00000000000",), "zeros"),
        (ids.normalize_snils, ("08765430301",), "check_digit"),
        (ids.normalize_ogrn, ("0000000000000",), "zeros"),
        (ids.normalize_ogrn, ("1027812400869",), "check_digit"),
        (ids.normalize_ogrnip, ("307760324100019",), "check_digit"),
        (ids.normalize_kpp, ("78420100",), "format"),
        (ids.normalize_kpp, ("000000000",), "zeros"),
        (ids.normalize_bic, ("944030827",), "format"),
        (ids.normalize_account, ("40702810900000002851", "044525225"), "check_digit"),
        (ids.normalize_account, ("40702810900000002851", "1"), "format"),
        (ids.normalize_correspondent_account, ("30101810200000000828", BIC), "check_digit"),
        (ids.normalize_passport, ("451012345",), "format"),
        (ids.normalize_passport, ("0000000000",), "zeros"),
        (ids.normalize_passport_unit, ("77-001",), "format"),
        (ids.normalize_driving_licence, ("99 ЯЯ 123456",), "format"),
        (ids.normalize_driving_licence, ("99 01 000000",), "zeros"),
        (ids.normalize_vin, ("XTA210990Y271234O",), "format"),
        (ids.normalize_vin, ("0" * 17,), "zeros"),
        (ids.normalize_body_number, ("12",), "format"),
        (ids.normalize_osago_number, ("ХХЯ 0123456789",), "format"),
        (ids.normalize_osago_number, ("ХХХ 0000000000",), "zeros"),
        (ids.normalize_plate, ("",), "empty"),
        (ids.normalize_plate, ("А000АА77",), "zeros"),
        (ids.normalize_plate, ("А123АА00",), "zeros"),
        (ids.normalize_plate, ("Ж123АА77",), "format"),
    ],
)
def test_refused_with_a_code(normalize, arguments, code):
    assert code_of(normalize, *arguments) == code


def test_snils_sums_at_the_border():
    assert ids.snils_check_digits("087654303") == "00"
    assert ids.snils_check_digits("000000001") == "01"
    assert ids.snils_check_digits("112233445") == "95"


def test_forms_for_people():
    assert ids.format_snils("08765430300") == "087-654-303 00"
    assert ids.format_passport("4510123456") == "45 10 123456"
    assert ids.format_passport_unit("770001") == "770-001"
    assert ids.format_driving_licence("77МН123456") == "77 МН 123456"
    assert ids.format_osago_number("ХХХ0123456789") == "ХХХ 0123456789"


@pytest.mark.parametrize(
    ("typed", "stored", "pretty", "kind", "region"),
    [
        ("p418to116", "Р418ТО116", "Р 418 ТО 116", PlateKind.CAR, "116"),
        ("Р 418 ТО 116 RUS", "Р418ТО116", "Р 418 ТО 116", PlateKind.CAR, "116"),
        ("а001аа77", "А001АА77", "А 001 АА 77", PlateKind.CAR, "77"),
        ("ао 123 77", "АО12377", "АО 123 77", PlateKind.TAXI, "77"),
        ("ао123777", "АО123777", "АО 123 777", PlateKind.TAXI, "777"),
        ("ао 1237 77", "АО123777", "АО 1237 77", PlateKind.TRAILER, "77"),
        ("АН 1234 177", "АН1234177", "АН 1234 177", PlateKind.TRAILER, "177"),
        ("1234 аа 02", "1234АА02", "1234 АА 02", PlateKind.MOTORCYCLE, "02"),
        ("КА 123 А 77", "КА123А77", "КА 123 А 77", PlateKind.TRANSIT, "77"),
    ],
)
def test_plates_of_every_kind(typed, stored, pretty, kind, region):
    assert ids.normalize_plate(typed) == stored
    assert ids.format_plate(typed) == pretty
    assert ids.plate_kind(typed) == kind
    assert ids.plate_region(typed) == region


def test_known_kind_settles_a_taxi_against_a_trailer():
    assert ids.format_plate("АО123777", PlateKind.TRAILER) == "АО 1237 77"
    assert ids.plate_region("АО123777", PlateKind.TAXI) == "777"


def test_vin_check_digit_only_warns():
    assert ids.vin_check_digit("1M8GDM9AXKP042788") == "X"
    assert ids.vin_check_digit_matches("1M8GDM9AXKP042788")
    assert ids.is_valid_vin("XTA210990Y2712345")
    assert not ids.vin_check_digit_matches("XTA210990Y2712345")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ХХХ № 0123456789", "XXX0123456789"),
        ("xxx/0123456789", "XXX0123456789"),
        ("16480/354/004127/26", "1648035400412726"),
        ("К 16-204871", "K16204871"),
        ("полис_Ж1", "ПOЛИCЖ1"),
        ("", ""),
        (None, ""),
    ],
)
def test_policy_number_key_folds_spellings(typed, key):
    assert ids.policy_number_key(typed) == key


def test_every_yes_no_question_answers():
    assert ids.is_valid_inn("7827004526")
    assert not ids.is_valid_inn("7827004527")
    assert ids.is_valid_inn_company("7827004526")
    assert ids.is_valid_inn_person("760307073214")
    assert ids.is_valid_snils("08765430300")
    assert ids.is_valid_ogrn("1027812400868")
    assert ids.is_valid_ogrnip("307760324100018")
    assert ids.is_valid_kpp("784201001")
    assert ids.is_valid_bic(BIC)
    assert ids.is_valid_account("40702810900000002851", BIC)
    assert not ids.is_valid_account("40702810900000002852", BIC)
    assert ids.is_valid_correspondent_account("30101810200000000827", BIC)
    assert ids.is_valid_body_number("SXE10-0012345")
    assert ids.is_valid_plate("А001АА77")
    assert ids.is_valid_osago_number("ХХХ 0123456789")
    assert ids.is_valid_passport("4510 123456")
    assert ids.is_valid_passport_unit("770-001")
    assert ids.is_valid_driving_licence("99 01 123456")


@given(digits_of(10), st.integers(0, 11), DIGITS)
def test_any_one_wrong_digit_of_a_persons_inn_is_caught(stem, place, digit):
    number = stem + ids.inn_check_digits(stem)
    assert ids.normalize_inn_person(number) == number
    wrong = changed(number, place, digit)
    assume(wrong.strip("0"))
    assert code_of(ids.normalize_inn, wrong) == "check_digit"


@given(digits_of(9))
def test_company_inn_is_built_valid(stem):
    assert ids.is_valid_inn_company(stem + ids.inn_check_digits(stem))


@given(digits_of(9), st.integers(0, 10), DIGITS)
def test_one_wrong_digit_of_a_snils_is_caught_but_for_the_known_gap(stem, place, digit):
    number = stem + ids.snils_check_digits(stem)
    wrong = changed(number, place, digit)
    assume(wrong.strip("0"))
    # Remainders 100 and 0 are both written 00, so the digit of weight one may slip by one.
    assume(not (place == 8 and number.endswith("00")))
    assert code_of(ids.normalize_snils, wrong) == "check_digit"


@given(digits_of(20), st.integers(0, 19), DIGITS)
def test_any_one_wrong_digit_of_an_account_is_caught(stem, place, digit):
    number = stem[:8] + ids.account_key(stem, BIC) + stem[9:]
    assume(number.strip("0"))
    assert ids.is_valid_account(number, BIC)
    wrong = changed(number, place, digit)
    assume(wrong.strip("0"))
    assert code_of(ids.normalize_account, wrong, BIC) == "check_digit"


@given(st.sampled_from((12, 14)), st.data())
def test_registration_numbers_are_built_valid(length, data):
    stem = data.draw(digits_of(length))
    number = stem + ids.ogrn_check_digit(stem)
    assert (ids.is_valid_ogrn if length == 12 else ids.is_valid_ogrnip)(number)
    assert not (ids.is_valid_ogrnip if length == 12 else ids.is_valid_ogrn)(number)


def test_refusals_speak_russian():
    catalogue = Path(ids.__file__).parent / "locale/ru/LC_MESSAGES/django.po"
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(ids.__file__).parent.glob("*.py"))
    messages = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue))}
    assert set(re.findall(r'_\("([^"]+)"\)', sources)) == set(messages)
    assert all(messages.values())
    assert catalogue.parents[2] in settings.LOCALE_PATHS


@pytest.mark.parametrize(
    ("vin", "doubtful"),
    [
        ("1M8GDM9AXKP042788", False), ("1M8GDM9A1KP042788", True), ("11111111111111111", False),
        ("2HGES16575H591234", True), ("XTAGFL110L1234567", False), ("WVWZZZ1JZXW000001", False),
    ],
)  # fmt: skip
def test_only_a_north_american_vin_must_carry_its_check_digit(vin, doubtful):
    assert ids.vin_is_doubtful(vin) is doubtful
