"""What a typed text may be: no database."""

import pytest

from clientela.modules.clients.surnames import near
from clientela.workspace.search import typos
from clientela.workspace.search.keys import Keys, name_readings, read


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", Keys()),
        ("о", Keys()),
        ("Орлова", Keys(name="орлова")),
        ("  Ёлкина  Анна ", Keys(name="елкина анна")),
        ("jhkjdf", Keys(name="jhkjdf", other_layout="орлова", email="jhkjdf")),
        ("+7 917 000-41-08", Keys(phone="+79170004108", policy=("79170004108",))),
        ("8(917)0004108", Keys(phone="+79170004108", policy=("89170004108",))),
        ("000-41-08", Keys(tail="0004108", policy=("0004108",))),
        ("4108", Keys(short_tail="4108", policy=("4108",))),
        ("орл 41-08", Keys(name="орл", short_tail="4108")),
        ("v.orlova@mail", Keys(email="v.orlova@mail")),
        ("р418то", Keys(plate="Р418ТО", policy=("P418TO",))),
        ("Р 418 ТО 116", Keys(name="р то", plate="Р418ТО116", policy=("P418TO116",))),
        ("XTA210990Y2765499", Keys(vin="XTA210990Y2765499", policy=("XTA210990Y2765499",))),
        ("ХХХ 0412773905", Keys(name="ххх", policy=("XXX0412773905",))),
        ("№ К 16-204871", Keys(policy=("K16204871",), plate="")),
        ("760307073214", Keys(inn="760307073214", policy=("760307073214",))),
    ],
)
def test_read(text: str, keys: Keys) -> None:
    found = read(text)
    for name in Keys.__dataclass_fields__:
        wanted = getattr(keys, name)
        if wanted:
            assert getattr(found, name) == wanted, name
    if not any(getattr(keys, name) for name in Keys.__dataclass_fields__):
        assert not found


def test_ten_digits_are_a_passport_a_phone_or_a_policy() -> None:
    found = read("92 08 410041")
    assert found.document == "9208410041"
    assert found.policy[:2] == ("9208410041", "XXX9208410041")


def test_name_readings() -> None:
    assert name_readings(read("Вера Орлова")) == ["вера орлова", "орлова вера"]
    assert name_readings(read("jhkjdf")) == ["jhkjdf", "орлова"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("орлова", "орлова", True),
        ("арлова", "орлова", True),
        ("орлва", "орлова", True),
        ("оррлова", "орлова", True),
        ("орлвоа", "орлова", True),
        ("орлво", "орлова", False),
        ("олрваo", "орлова", False),
        ("", "о", True),
        ("", "ор", False),
    ],
)
def test_near(one: str, other: str, expected: bool) -> None:
    assert near(one, other) is expected
    assert near(other, one) is expected


def test_beginnings() -> None:
    assert typos.beginnings("арлова")[:5] == ["арл", "рал", "алр", "рло", "ало"]
    assert "орл" in typos.beginnings("арлова")
