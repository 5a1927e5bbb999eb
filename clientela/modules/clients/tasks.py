"""Jobs of the clients module."""

from typing import Any

from clientela.foundation.jobs.operations import Run
from clientela.modules.clients.operations.surnames import learn_surnames as learn


def learn_surnames(_run: Run) -> dict[str, Any]:
    """Bring the vocabulary of surnames up to the cards as they are."""
    return dict(learn())
