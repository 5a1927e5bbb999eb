"""What the tests of personal data share."""

from clientela.modules.clients.tests.conftest import call

__all__ = ["call"]
