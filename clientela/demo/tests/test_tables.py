"""Names, phones, vehicles, figures: what the demo is drawn from is right in itself."""

import csv
import json
import random
from datetime import date

import phonenumbers
import polars as pl
import pytest
from phonenumbers import carrier

from clientela.demo import derive_figures, figures, phones
from clientela.demo.name_tables import Names, feminine, patronymic
from clientela.demo.numbers import Numbers
from clientela.demo.vehicles import Garage
from clientela.foundation import identifiers as ids
from clientela.foundation.names import Sex, sex_from_patronymic
from clientela.foundation.regions import BY_PLATE


@pytest.mark.parametrize(
    ("father", "son", "daughter"),
    [
        ("Сергей", "Сергеевич", "Сергеевна"), ("Юрий", "Юрьевич", "Юрьевна"), ("Дмитрий", "Дмитриевич", "Дмитриевна"),
        ("Игорь", "Игоревич", "Игоревна"), ("Илья", "Ильич", "Ильинична"), ("Пётр", "Петрович", "Петровна"),
        ("Ильдар", "Ильдарович", "Ильдаровна"), ("Лев", "Львович", "Львовна"), ("Николай", "Николаевич", "Николаевна"),
    ],
)  # fmt: skip
def test_patronymics(father, son, daughter):
    assert patronymic(father, "m") == son
    assert patronymic(father, "f") == daughter


def test_every_patronymic_tells_its_sex():
    names = Names(random.Random(1))
    for _ in range(500):
        for sex, told in (("m", Sex.MALE), ("f", Sex.FEMALE)):
            for culture in ("russian", "volga", "caucasus"):
                assert sex_from_patronymic(names.patronymic(sex, culture, 1970)) is told


@pytest.mark.parametrize(
    ("his", "hers"),
    [("Иванов", "Иванова"), ("Киселёв", "Киселёва"), ("Покровский", "Покровская"), ("Чёрный", "Чёрная"),
     ("Бойко", "Бойко"), ("Ким", "Ким"), ("Григорян", "Григорян")],
)  # fmt: skip
def test_feminine_surnames(his, hers):
    assert feminine(his) == hers


def test_phones_are_valid_different_and_belong_to_no_operator():
    book = phones.PhoneBook()
    dealt = [book.next() for _ in range(80_000)]
    assert len(set(dealt)) == 80_000
    ours = [phones.agent_phone(number) for number in range(2000)] + [
        phones.company_phone(n) for n in range(99)
    ]
    assert len(set(ours)) == len(ours)
    assert not set(ours) & set(dealt)
    for number in (*dealt[::97], *ours[::7]):
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed)
        assert carrier.name_for_number(parsed, "en") == ""
        assert parsed.national_number // 10**7 in phones.NEVER_ALLOCATED


def test_vehicles_are_plausible():
    garage = Garage(3, 2026)
    made = [garage.vehicle("RU-TA", kind=kind, kasko=kasko)
            for kind in ("car", "van", "motorcycle", "tractor") for kasko in (False, True) for _ in range(300)]  # fmt: skip
    assert len({vehicle.plate for vehicle in made}) == len({vehicle.vin for vehicle in made}) == len(made)
    for vehicle in made:
        assert ids.normalize_vin(vehicle.vin) == vehicle.vin
        kind = "car" if vehicle.kind in {"car", "van"} else "motorcycle"
        assert ids.plate_kind(vehicle.plate) == kind
        assert BY_PLATE[ids.plate_region(vehicle.plate)].code == "RU-TA"
        assert 1990 <= vehicle.year <= 2026
        assert 0 < vehicle.value <= 20_000_000


def test_policy_numbers_have_the_shapes_of_the_messages():
    numbers = Numbers()
    assert numbers.next("kasko", "16", 2026) == "К 16-300001"
    assert numbers.next("osago", "16", 2026) == "ХХХ 0420000001"
    assert ids.is_valid_osago_number(numbers.next("osago", "77", 2026))
    assert numbers.next("354", "16", 2026) == "16480/354/010001/26"
    assert numbers.next("354", "16", 2026) == "16480/354/010002/26"
    assert numbers.next("354", "16", 2027) == "16480/354/010001/27"
    assert numbers.next("555", "16", 2026) == "16480/555/000001"
    assert numbers.next_serial("354") == 10_003
    assert numbers.next_serial("osago") == 420_000_003


def test_quantiles_are_read_between_the_kept_ones():
    values = [0, 10, 50, 100, 200, 400, 900, 1000]
    assert figures.quantile(values, 0.5) == 100
    assert figures.quantile(values, 0.375) == 75
    assert figures.quantile(values, 1) == 1000


def test_shipped_figures_are_distributions():
    tables = figures.FIGURES
    assert sum(tables["vehicle_type"].values()) == pytest.approx(1, abs=0.001)
    assert sum(tables["renewal_month"]) == pytest.approx(1, abs=0.001)
    for name in ("power_hp", "value_eur", "premium_eur"):
        for kind, values in tables[name].items():
            assert values == sorted(values), (name, kind)
            assert len(values) == len(figures.PROBABILITIES)
    assert "5cxyb5fp4f" in tables["source"]["portfolio"]


def test_figures_are_derived_from_a_file_of_the_published_layout(tmp_path):
    rng = random.Random(5)
    rows = []
    for number in range(400):
        kind = (1, 2, 3, 3, 3, 3, 3, 4)[number % 8]
        claims = 1 if number % 10 == 0 else 0
        rows.append({
            "ID": number // 2, "Date_start_contract": "05/11/2015", "Date_last_renewal": f"05/11/{2016 + number % 2}",
            "Date_next_renewal": f"05/11/{2017 + number % 2}", "Date_birth": "15/04/1976",
            "Date_driving_licence": "20/03/1996", "Distribution_channel": number % 4 == 0, "Seniority": number % 6,
            "Policies_in_force": 1 + number % 3, "Lapse": int(number % 5 == 0), "Payment": number % 2,
            "Premium": 100 + number, "Cost_claims_year": 250.5 * claims, "N_claims_year": claims, "Type_risk": kind,
            "Area": 0, "Second_driver": int(number % 8 == 0), "Year_matriculation": 2010, "Power": 50 + rng.randrange(100),
            "Value_vehicle": 9000 + number,
        })  # fmt: skip
    source, target = tmp_path / "portfolio.csv", tmp_path / "figures.json"
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(
            {key: int(value) if isinstance(value, bool) else value for key, value in row.items()}
            for row in rows
        )
    derive_figures.main([str(source), str(target)])
    derived = json.loads(target.read_text(encoding="utf-8"))
    assert derived["vehicle_type"] == {"motorcycle": 0.125, "van": 0.125, "car": 0.625, "tractor": 0.125}
    assert derived["broker_share"] == 0.25
    assert derived["second_driver_share"] == 0.125
    assert derived["half_yearly_share"] == 0.5
    assert [row[:2] for row in derived["client_age"] if row[2]] == [[40, 44]]
    assert derived["licence_at_age"][0] == [18, 19, 1.0]
    assert derived["vehicle_age"]["car"][1:3] == [[3, 5, 0.0], [6, 9, 1.0]]
    assert derived["claims_a_year"]["car"][:2] == [0.88, 0.12]
    assert derived["claim_cost_eur"] == [250.5] * 8
    assert derived["renewal_month"] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert derived["lapse_share"] == {"first_year": 0.2015, "later": 0.1992}
    assert set(derived["source"]["derived_tables"]) == set(derived) - {"source", "probabilities"}
    assert pl.read_csv(source, separator=";").height == 400


def test_ages_are_counted_on_the_day():
    frame = pl.DataFrame({"born": [date(1976, 4, 15)], "on": [date(2017, 11, 5)]})
    assert frame.select(derive_figures._years(pl.col("born"), pl.col("on"))).item() == 41
