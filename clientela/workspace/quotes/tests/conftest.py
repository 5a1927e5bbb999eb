"""Вера's renewal in the window."""

from clientela.modules.quotes.tests.conftest import calculation, family, tariffs

__all__ = ["calculation", "family", "tariffs"]
