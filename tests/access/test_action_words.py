"""Every action that the product records has its words in the journal."""

import re
from pathlib import Path

from clientela.workspace.admin.action_words import ACTIONS, words

PACKAGE = Path(__file__).parents[2] / "clientela"
_CODE = re.compile(r'action\s*=\s*f?"([a-z_]+\.[a-z_]+)"')
_ELSE = re.compile(r'action = "[a-z_.]+" if \w+ else "([a-z_.]+)"')
OTHER = {"store_true"}


def recorded() -> set[str]:
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if "audit" in text or "record" in text or "action=" in text:
            found |= set(_CODE.findall(text)) | set(_ELSE.findall(text))
    return found - OTHER


def test_every_recorded_action_has_words():
    assert len(recorded()) > 50
    assert sorted(recorded() - set(ACTIONS)) == []


def test_an_unknown_action_shows_its_code():
    assert words("x.unheard_of")[0] == "x.unheard_of"
    assert str(words("client.read_document")[0]) == "Просмотр скрытых данных карточки"
