"""What makes a process not ready, told without words of errors."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from clientela.foundation import health
from clientela.foundation.jobs.heartbeats import beat, is_silent, last_beat
from clientela.foundation.jobs.models import Heartbeat

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(health, "_migrated", set())


def test_all_is_well():
    assert health.problems() == {}


def test_a_migration_that_has_not_run_is_told_until_it_has():
    MigrationRecorder(connection).record_unapplied("jobs", "0002_heartbeat")
    assert health.problems() == {"migrations": "behind"}
    MigrationRecorder(connection).record_applied("jobs", "0002_heartbeat")
    assert health.problems() == {}


def test_a_full_disk_is_told(settings):
    settings.DISK_FLOOR = 2**62
    assert health.problems() == {"disk": "full"}


def test_a_folder_that_is_gone_is_told_without_its_name(settings, tmp_path):
    settings.VAR = tmp_path / "secret"
    assert health.problems() == {"disk": "FileNotFoundError"}


def test_workers_are_silent_when_the_last_of_them_was_not_heard_for_a_minute():
    assert is_silent(NOW)
    beat("one", now=NOW - timedelta(minutes=5))
    assert is_silent(NOW)
    beat("two", now=NOW - timedelta(seconds=60))
    assert not is_silent(NOW)
    assert is_silent(NOW + timedelta(seconds=1))
    assert last_beat() == NOW - timedelta(seconds=60)


def test_rows_of_workers_that_ended_long_ago_go():
    beat("old", now=NOW - timedelta(days=2))
    beat("new", now=NOW)
    assert list(Heartbeat.objects.values_list("worker", flat=True)) == ["new"]
