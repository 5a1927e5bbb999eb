"""Scales, groups and figures, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.quality.rules import SCALES, Group, Metric, figure, score_in


@pytest.mark.parametrize(
    ("metric", "groups"),
    [
        (Metric.NPS, {Group.BAD: range(7), Group.NEUTRAL: (7, 8), Group.GOOD: (9, 10)}),
        (Metric.CSI, {Group.BAD: (1, 2), Group.NEUTRAL: (3,), Group.GOOD: (4, 5)}),
        (Metric.CES, {Group.BAD: (1, 2, 3), Group.NEUTRAL: (4,), Group.GOOD: (5, 6, 7)}),
    ],
)
def test_every_score_has_its_group(metric, groups):
    scale = SCALES[metric]
    assert {score: scale.group(score) for score in scale.scores} == {
        score: group for group, scores in groups.items() for score in scores
    }
    for outside in (scale.low - 1, scale.high + 1):
        with pytest.raises(ValueError, match=str(outside)):
            scale.group(outside)


def test_nps_of_a_hundred_answers():
    found = figure(Metric.NPS, {10: 40, 9: 20, 8: 15, 6: 15, 0: 10})
    assert found.value == 35.0  # 60 promoters less 25 detractors
    assert found.groups == {Group.GOOD: 60, Group.NEUTRAL: 15, Group.BAD: 25}
    # Half of the 95 % interval: 1.95996 · √((0.60·65² + 0.15·35² + 0.25·135²) · 100/99 / 100)
    assert found.margin == pytest.approx(16.8015, abs=1e-4)


def test_csi_is_the_share_of_content_and_ces_the_mean():
    assert figure(Metric.CSI, {5: 6, 4: 2, 3: 1, 1: 1}).value == 80.0
    assert figure(Metric.CES, {7: 2, 4: 1, 1: 1}).value == 4.75


def test_little_says_little():
    assert figure(Metric.NPS, {}).value is None
    alone = figure(Metric.NPS, {10: 1})
    assert (alone.value, alone.margin) == (100.0, None)


@given(st.dictionaries(st.integers(0, 10), st.integers(1, 50), min_size=1))
def test_nps_stays_within_its_bounds(counts):
    found = figure(Metric.NPS, counts)
    assert found.value is not None
    assert -100 <= found.value <= 100
    assert sum(found.groups.values()) == found.answers == sum(counts.values())


@pytest.mark.parametrize(
    ("text", "score"),
    [("9", 9), (" 10 ", 10), ("9!", 9), ("9 из 10", 9), ("8/10", 8), ("0", 0), ("11", None), ("100", None),
     ("9 раз звонил", None), ("не 9", None), ("", None), ("пять", None)],
)  # fmt: skip
def test_a_reply_that_is_a_score(text, score):
    assert score_in(text, Metric.NPS) == score
