"""The board: nodes stand apart, links lead from one to the other."""

from clientela.modules.robot.rules.dialogue import Dialogue
from clientela.modules.robot.rules.layout import NODE_HEIGHT, NODE_WIDTH, links, places, size
from clientela.modules.robot.rules.trial import play


def test_every_node_has_a_place_of_its_own(renewal: Dialogue) -> None:
    placed = places(renewal)
    assert placed.keys() == renewal.nodes.keys()
    assert len({(one.left, one.top) for one in placed.values()}) == len(placed)
    assert (placed["greeting"].left, placed["who"].left) == (18, 250)
    width, height = size(placed)
    assert all(one.left + NODE_WIDTH < width and one.top + NODE_HEIGHT < height for one in placed.values())


def test_a_link_is_drawn_once(renewal: Dialogue) -> None:
    drawn = [(link.source, link.target) for link in links(renewal, places(renewal))]
    assert drawn.count(("offer", "hand-over")) == 1
    assert len(drawn) == len(set(drawn))


def test_a_tried_conversation_does_nothing_but_says_what_it_would(
    renewal: Dialogue, values: dict[str, str]
) -> None:
    trial = play(
        renewal, values, [{"text": "да"}, {"key": "1"}, {"key": "1"}, {"key": "1"}, {"key": "1"}, "junk"]
    )
    assert trial.nodes == ["greeting", "who", "purpose", "offer", "changes", "how", "sent-sms"]
    assert (trial.acts, trial.talk.outcome, trial.is_over) == (["offer"], "agreed", True)
    assert [line.text for line in trial.lines if line.is_client] == ["да", "1", "1", "1"]
    assert play(renewal, values, [], machine=True).nodes == ["voicemail"]
    assert play(renewal, values, [{"silent": True}] * 2).talk.outcome == "silent"
    assert not play(renewal, values, [{"key": "x"}, {"text": " "}, 3]).is_over
