"""The whole cast with a record behind every parameter."""

import pytest

from tests.access.records import world
from tests.access.requests import browser

SCOPED = ["anna", "team_lead", "branch_head", "centre_operator"]
ROLES = [*SCOPED, "boris", "renewals_manager", "marketer", "quality", "administrator", "auditor"]


@pytest.fixture
def cast(db, request):
    """Everybody by name."""
    records = [
        "vera",
        "boris_client",
        "vera_policy",
        "boris_policy",
        "vera_renewal",
        "boris_renewal",
        "volga",
    ]
    return {name: request.getfixturevalue(name) for name in [*ROLES, *records]}


@pytest.fixture
def known(cast, now, settings, tmp_path):
    """``(segment, name) → Pair`` for every parameter."""
    settings.MEDIA_ROOT = tmp_path
    settings.MIDDLEWARE = ["tests.access.requests.RecordingMiddleware", *settings.MIDDLEWARE]
    return world(cast, now)


@pytest.fixture
def browsers(cast):
    """A browser in which each role is signed in."""
    return {role: browser(cast[role]) for role in ROLES}
