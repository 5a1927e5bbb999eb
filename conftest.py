"""Fixtures of every test: the named cast and the real servers."""

import os
from importlib.util import find_spec

from hypothesis import settings

pytest_plugins = ["tests.cast"]
if find_spec("tests.servers.fixtures"):
    pytest_plugins.append("tests.servers.fixtures")

# The same examples in every run: what today's run takes, tomorrow's takes too. HYPOTHESIS_PROFILE=default looks for new ones.
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
