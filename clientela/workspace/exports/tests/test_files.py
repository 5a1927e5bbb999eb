"""Files of exports are kept for a week."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client as Browser

from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.models import User
from clientela.workspace.exports.jobs import forget_files


def test_a_file_goes_after_a_week_and_says_so(
    branch_head: User, sign_in: Callable[[User], Browser], now: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path

    def export(days: int) -> Job:
        at = now - timedelta(days=days)
        name = default_storage.save("exports/clients.csv", ContentFile(b"1"))
        return Job.objects.create(
            kind="clients.export", title="x", created_by=branch_head, created_at=at, not_before=at, finished_at=at,
            state="done", result={"file": name, "name": "clients.csv"},
        )  # fmt: skip

    old, fresh = export(8), export(6)
    assert forget_files(now=now) == 1
    assert forget_files(now=now) == 0
    assert [path.name for path in (tmp_path / "exports").iterdir()] == [Path(fresh.result["file"]).name]
    browser = sign_in(branch_head)
    gone = browser.get(f"/api/v1/exports/{old.pk}/file")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert browser.get(f"/clients/exports/{old.pk}/file/").status_code == 404
    kept = browser.get(f"/api/v1/exports/{fresh.pk}/file")
    assert b"".join(kept.streaming_content) == b"1"
