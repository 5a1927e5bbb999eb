from collections.abc import Iterator

import pytest

from clientela.foundation.webhooks.operations import create_endpoint
from clientela.foundation.webhooks.tests.receiver import Receiver

LOOPBACK = ["127.0.0.0/8", "::1/128"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.stop()


@pytest.fixture
def endpoint(receiver, administrator, now, settings):
    """The receiver, registered for two events; ``endpoint.shown`` is its secret."""
    settings.WEBHOOK_NETWORKS = LOOPBACK
    made, secret = create_endpoint(
        actor=administrator, now=now, name="1С", url=receiver.url,
        events=["renewals.RenewalChanged", "contracts.PolicyIssued"],
    )  # fmt: skip
    made.shown = secret
    return made
