"""What the whole way finds in a base with known truth, nobody having labelled a pair."""

import polars as pl
import pytest

from clientela.modules.resolution import linking
from clientela.modules.resolution.operations import CERTAIN, REVIEW
from clientela.modules.resolution.rules import traits
from clientela.modules.resolution.tests.generated import base


@pytest.mark.parametrize("seed", [11])
def test_families_stay_apart_and_people_come_together(tmp_path, seed):
    made = base(1500, seed)
    rows = [traits(**card) for card in made.cards]
    lists = {name: pl.List(pl.String) for name in ("phones", "emails", "documents")}
    pl.DataFrame(rows, schema_overrides=lists, infer_schema_length=None).write_parquet(
        tmp_path / "cards.parquet"
    )
    base_of_cards = linking.Linking(str(tmp_path / "*.parquet"), folder=tmp_path, memory="1GB", threads=2)
    base_of_cards.train()
    found = list(base_of_cards.pairs(REVIEW))
    base_of_cards.close()
    truth = made.truth()
    for threshold in (REVIEW, CERTAIN):
        pairs = {(pair.low, pair.high) for pair in found if pair.probability >= threshold}
        right = len(pairs & truth)
        assert right / len(pairs) >= 0.995
        assert right / len(truth) >= 0.95
    assert len({(pair.low, pair.high) for pair in found}) == len(found)
