"""A shop that is open: the shipped tariffs, the bank of the demo, a fixed day."""

import pytest
import time_machine

from clientela.modules.rating.operations.shipped import load_shipped


@pytest.fixture
def shop(kazan, now, settings, tmp_path):
    settings.DEMO, settings.LOCAL_BANK = True, tmp_path / "bank.sqlite3"
    settings.ACQUIRERS = dict.fromkeys(["card", "sbp"], "clientela.integrations.local.bank.from_environment")
    with time_machine.travel(now, tick=False) as traveller:
        load_shipped(now=now)
        yield traveller
