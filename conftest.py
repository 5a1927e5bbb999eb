"""Fixtures of every test: the named cast and the real servers."""

from importlib.util import find_spec

pytest_plugins = ["tests.cast"]
if find_spec("tests.servers.fixtures"):
    pytest_plugins.append("tests.servers.fixtures")
