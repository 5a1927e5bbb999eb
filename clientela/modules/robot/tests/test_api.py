"""The robot over the API."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.robot.models import Attempt, Dialogue, DialogueVersion, RobotCall, Said
from clientela.modules.robot.operations.shipped import load_shipped

API = "/api/v1"


@pytest.fixture
def version(db: None, now: datetime) -> Any:
    with time_machine.travel(now):
        load_shipped(now=now, active_from=date(2026, 11, 18))
        yield DialogueVersion.objects.get()


@pytest.fixture
def send(renewals_manager: User, sign_in: Callable[[User], Browser]) -> Callable[..., Any]:
    browser, keys = sign_in(renewals_manager), iter(range(100))

    def sent(method: str, path: str, body: Any = None) -> Any:
        return getattr(browser, method)(
            API + path,
            body,
            content_type="application/json",
            headers={"Idempotency-Key": f"key-{next(keys)}"},
        )

    return sent


def test_a_draft_is_changed_as_a_whole_and_starts(version: DialogueVersion, send: Callable[..., Any]) -> None:
    draft = send("post", "/dialogue-drafts", {"from_version": version.pk}).json()
    path = f"/dialogue-versions/{draft['id']}"
    graph = draft["graph"]
    graph["nodes"] = [one for one in graph["nodes"] if one["key"] != "refused"]
    kept = send("put", f"{path}/graph", {"graph": graph, "changed_at": draft["changed_at"]}).json()
    assert [(one["code"], one["node"]) for one in kept["faults"]] == [("link", "objection")]
    assert (
        send("put", f"{path}/graph", {"graph": graph, "changed_at": draft["changed_at"]}).status_code == 409
    )
    assert send("put", f"{path}/graph", {"graph": {"nodes": [3]}}).status_code == 422
    assert send("post", f"{path}/activation", {"active_from": "2026-11-19"}).status_code == 422
    assert send("post", f"{path}/trial", {}).json()["code"] == "has_faults"
    send("put", f"{path}/graph", {"graph": version.graph})
    assert send("post", f"{path}/activation", {"active_from": "2026-11-19"}).json()["state"] == "active"
    assert send("post", f"{path}/retirement").json()["state"] == "retired"
    assert send("put", f"/dialogue-versions/{version.pk}/graph", {"graph": graph}).status_code == 409


def test_a_conversation_is_tried(version: DialogueVersion, send: Callable[..., Any]) -> None:
    body = {"values": {"name": "Вера Николаевна"}, "events": [{"key": "1"}, {"text": "не звоните"}]}
    tried = send("post", f"/dialogue-versions/{version.pk}/trial", body).json()
    assert (tried["acts"], tried["outcome"], tried["is_over"]) == (["stop"], "stopped", True)
    assert tried["lines"][1]["text"].startswith("Вы Вера Николаевна?")


def test_a_transcript_is_read_by_who_sees_the_client(
    version: DialogueVersion, vera: Client, boris: User, now: datetime, send: Callable[..., Any],
    sign_in: Callable[[User], Browser],
) -> None:  # fmt: skip
    call = RobotCall.objects.create(
        client=vera, dialogue=Dialogue.objects.get(), version=version, origin="x", origin_id=1, next_at=now, until=now,
        created_at=now, state="done", outcome="agreed",
    )  # fmt: skip
    attempt = Attempt.objects.create(call=call, number=1, line="robot-1-1", client=vera, rung_at=now)
    Said.objects.create(
        attempt=attempt, version=version, move=1, node="who", text="Вы?", at=now, via="key", heard="1"
    )
    read = send("get", f"/robot-calls/{call.pk}").json()
    assert (read["outcome"], read["attempts"][0]["said"][0]["heard"]) == ("agreed", "1")
    assert [one["id"] for one in send("get", "/robot-calls?state=done").json()["items"]] == [call.pk]
    assert send("get", "/robot-calls?state=lost").status_code == 422
    foreign = sign_in(boris)
    assert foreign.get(f"{API}/robot-calls/{call.pk}").status_code == 404
    assert foreign.get(f"{API}/robot-calls").json()["items"] == []


def test_the_robot_is_paused_and_resumed(version: DialogueVersion, send: Callable[..., Any]) -> None:
    assert send("post", "/robot-pause", {"reason": "x"}).json()["paused_since"] is not None
    assert send("delete", "/robot-pause").json() == {"paused_since": None, "live": 0}
