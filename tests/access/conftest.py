"""The whole cast with a record behind every parameter, made once for a module and given to each test as it was made."""

import inspect
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from clientela.foundation.jobs.heartbeats import beat
from tests import cast as casting
from tests.access.people import COMPANY, NEAR, ROLES, neighbours
from tests.access.records.world import world
from tests.access.requests import browser

RECORDS = ["vera", "boris_client", "vera_policy", "boris_policy", "vera_renewal", "boris_renewal", "volga"]


@dataclass(frozen=True)
class Standing:
    """People and records in the database, and the files they name."""

    cast: dict[str, Any]
    known: dict[tuple[str, str], Any]
    files: Path


def _made(name: str, made: dict[str, Any]) -> Any:
    """Someone of ``tests/cast.py`` with everything they ask for, as pytest would make them."""
    if name not in made:
        maker = inspect.unwrap(getattr(casting, name))
        made[name] = maker(*(_made(asked, made) for asked in inspect.signature(maker).parameters))
    return made[name]


@pytest.fixture(scope="module")
def standing(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Standing]:
    """Made in a transaction around those of the tests, which give it back as they found it."""
    files, made = tmp_path_factory.mktemp("files"), {"db": None}
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=files):
            cast = {name: _made(name, made) for name in [*NEAR, *COMPANY, "boris", *RECORDS]}
            cast |= neighbours(*(_made(name, made) for name in inspect.signature(neighbours).parameters))
            known = world(cast, _made("now", made))
        yield Standing(cast, known, files)
        transaction.set_rollback(True)


@pytest.fixture
def cast(standing, db):
    """Everybody by name."""
    return standing.cast


@pytest.fixture
def known(standing, db, settings, tmp_path, monkeypatch):
    """``(segment, name) → Pair`` for every parameter; the files are this test's own."""
    # Browsers of tests keep a copy of what each piece of a page was drawn from, and nobody here looks at it.
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
    settings.MEDIA_ROOT = shutil.copytree(standing.files, tmp_path / "files")
    beat("worker of this test", now=timezone.now())  # without one its address answers 503, rightly
    settings.MIDDLEWARE = ["tests.access.requests.RecordingMiddleware", *settings.MIDDLEWARE]
    return standing.known


@pytest.fixture
def browsers(cast):
    """A browser in which each role is signed in."""
    return {role: browser(cast[role]) for role in ROLES}
