"""The whole cast with a record behind every parameter."""

import pytest

from tests.access.people import COMPANY, NEAR, ROLES, neighbours
from tests.access.records.world import world
from tests.access.requests import browser

RECORDS = ["vera", "boris_client", "vera_policy", "boris_policy", "vera_renewal", "boris_renewal", "volga"]


@pytest.fixture
def cast(db, request, make_user, kazan, kazan_team, ulyanovsk):
    """Everybody by name."""
    named = {name: request.getfixturevalue(name) for name in [*NEAR, *COMPANY, "boris", *RECORDS]}
    return named | neighbours(make_user, kazan, kazan_team, ulyanovsk)


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
