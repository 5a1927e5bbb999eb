from clientela.foundation.webhooks.tests.conftest import endpoint, receiver

__all__ = ["endpoint", "receiver"]
