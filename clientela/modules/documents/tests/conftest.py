"""Fixtures of these tests."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import call
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import issue_project, prepare_project
from clientela.modules.documents.operations import load_shipped

__all__ = ["call"]


@pytest.fixture
def papers(db: None, now: datetime, settings: Any, tmp_path: Path) -> Path:
    """Shipped templates in force, files in a folder of their own."""
    settings.MEDIA_ROOT = tmp_path
    load_shipped(now=now)
    return tmp_path


@pytest.fixture
def issued(papers: Path, anna: User, vera_policy: Policy, now: datetime) -> Policy:
    """Вера's next term, issued by Anna; the event waits to be handled."""
    vera_policy.participants.create(role="driver", name="Орлова Вера Николаевна", client=vera_policy.client)
    terms = {
        "coverages": [
            {"code": "life", "title": "Вред жизни и здоровью", "sum_insured": "500000", "amount": "4000.10"}
        ],
        "factors": [{"code": "KT", "title": "Территория", "value": "1.70", "why": "Казань"}],
    }
    project = prepare_project(
        actor=anna, now=now, policy=vera_policy, premium=Decimal("8067.41"), reason="КБМ лучше", terms=terms
    )
    return issue_project(actor=anna, now=now, project=project)
