"""Fixtures of every test: the named cast and the real servers."""

import gc
import os
from importlib.util import find_spec

import pytest
from hypothesis import settings

pytest_plugins = ["tests.cast"]
if find_spec("tests.servers.fixtures"):
    pytest_plugins.append("tests.servers.fixtures")

# The same examples in every run: what today's run takes, tomorrow's takes too. HYPOTHESIS_PROFILE=default looks for new ones.
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays for good; looking through it for rubbish again and again costs time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
