from datetime import UTC, datetime

import pytest

from clientela.modules.rating.operations.shipped import load_shipped


@pytest.fixture
def tariffs(db: None) -> None:
    """The tariff act: it says what a class is worth."""
    load_shipped(now=datetime(2026, 9, 1, 9, tzinfo=UTC))
