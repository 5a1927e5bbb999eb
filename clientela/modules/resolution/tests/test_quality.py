"""What the whole way finds in a base with known truth, nobody having labelled a pair."""

import polars as pl
import pytest

from clientela.modules.resolution.companies import COMPANIES
from clientela.modules.resolution.firms import company_traits
from clientela.modules.resolution.linking import Linking
from clientela.modules.resolution.near import frame_schema
from clientela.modules.resolution.operations import CERTAIN, REVIEW
from clientela.modules.resolution.operations.weights import PRECISION
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.rules import threshold_of, traits
from clientela.modules.resolution.subjects import fits, is_sound
from clientela.modules.resolution.tests.generated import base
from clientela.modules.resolution.tests.generated_companies import companies


@pytest.fixture
def link(tmp_path):
    made = []

    def linking(subject, rows, model=None):
        file = tmp_path / "cards.parquet"
        pl.DataFrame(rows, schema=frame_schema(subject)).write_parquet(file)
        folder = tmp_path / f"{len(made)}"
        folder.mkdir()
        made.append(Linking(str(file), folder=folder, memory="1GB", threads=2, model=model, subject=subject))
        return made[-1]

    yield linking
    for one in made:
        one.close()


def _judged(found, truth, threshold):
    pairs = {(one.low, one.high) for one in found if one.probability >= threshold}
    return len(pairs & truth) / len(pairs), len(pairs & truth) / len(truth)


def test_families_stay_apart_and_people_come_together(link):
    made = base(1500, 11)
    linking = link(PEOPLE, [traits(**card) for card in made.cards])
    model = linking.train()
    assert model["families"]
    assert is_sound(PEOPLE, model)
    assert fits(PEOPLE, model)
    found = list(linking.pairs(REVIEW))
    for threshold in (threshold_of(linking.expected(), precision=PRECISION), REVIEW, CERTAIN):
        precision, recall = _judged(found, made.truth(), threshold)
        assert precision >= 0.995
        assert recall >= 0.95
    assert len({(one.low, one.high) for one in found}) == len(found)


def test_companies_of_a_holding_stay_apart_and_spellings_come_together(link):
    made = companies(1500, 12)
    linking = link(COMPANIES, [company_traits(**card) for card in made.cards])
    model = linking.train()
    assert is_sound(COMPANIES, model)
    threshold = threshold_of(linking.expected(), precision=PRECISION)
    precision, recall = _judged(linking.pairs(REVIEW), made.truth(), threshold)
    assert precision >= 0.995
    assert recall >= 0.94


def test_a_base_without_families_has_no_need_of_the_veto(link):
    """Where all who share a home are one person on two cards, another birth date may be outweighed."""
    made = base(1200, 13)
    # A person's first card is the right one: of every home the first person stays.
    first = {made.person_of[card["card"]]: card for card in reversed(made.cards)}
    heads = {
        (card["address"], card["postal"]): person for person, card in sorted(first.items(), reverse=True)
    }
    rows = [traits(**card) for card in made.cards if made.person_of[card["card"]] in heads.values()]
    linking = link(PEOPLE, rows)
    assert not linking.train()["families"]


def test_names_are_compared_letter_by_letter(link):
    """A Russian letter has two bytes: of two surnames that differ in one, DuckDB would see two differences."""
    same = {"first": "Вера", "middle": "Николаевна", "birth": None, "phones": ["+79170004108"]}
    rows = [traits(card=1, last="Андреова", **same), traits(card=2, last="Акндреова", **same)]
    linking = link(PEOPLE, [*rows, *(traits(**card) for card in base(300, 14).cards[10:])])
    linking.train()
    found = {
        (one.low, one.high): {name: how for name, how, _bits in one.terms} for one in linking.pairs(0.01)
    }
    assert found[1, 2]["last"] == "near"


def test_what_nobody_knows_is_not_compared(link):
    rows = [traits(**card | {"emails": [], "middle": ""}) for card in base(400, 15).cards]
    compared = {one["output_column_name"] for one in link(PEOPLE, rows).train()["comparisons"]}
    assert {"last", "first", "birth", "phones", "documents", "address"} <= compared
    assert not compared & {"middle", "emails"}
