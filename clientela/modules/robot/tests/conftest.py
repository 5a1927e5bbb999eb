"""The shipped dialogue, as the rules see it."""

import json
from pathlib import Path
from typing import Any

import pytest

from clientela.modules.robot.rules.dialogue import VARIABLES, Dialogue

SHIPPED = Path(__file__).resolve().parents[1] / "shipped" / "renewal.json"


@pytest.fixture
def raw() -> dict[str, Any]:
    """The shipped renewal dialogue as data, fresh each time."""
    data: dict[str, Any] = json.loads(SHIPPED.read_text())
    return data


@pytest.fixture
def renewal(raw: dict[str, Any]) -> Dialogue:
    return Dialogue.from_json(raw)


@pytest.fixture
def values() -> dict[str, str]:
    return {name: variable.sample for name, variable in VARIABLES.items()}
