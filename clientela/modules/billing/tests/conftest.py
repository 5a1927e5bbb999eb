"""Fixtures of these tests."""

from clientela.modules.clients.tests.calling import call

__all__ = ["call"]
