"""A program walks the same steps as a person in the wizard."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.workspace.imports.tests.test_wizard import TEXT, work

API = "/api/v1"
ANSWERS = {"branch": "kazan", "product": "osago", "existing": "fill"}


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def manager(sign_in: Callable[[User], Browser], renewals_manager: User, kazan: Any, osago: Any) -> Browser:
    return sign_in(renewals_manager)


def upload(
    browser: Browser, text: str | bytes = TEXT, name: str = "autosalon.csv", **data: str
) -> dict[str, Any]:
    content = text.encode() if isinstance(text, str) else text
    answer = browser.post(
        f"{API}/imports",
        {"file": SimpleUploadedFile(name, content), **data},
        headers={"Idempotency-Key": str(uuid4())},
    )
    return answer.json() | {"http": answer.status_code}


def put(browser: Browser, run: int, what: str, **body: Any) -> Any:
    return browser.put(f"{API}/imports/{run}/{what}", json.dumps(body), content_type="application/json")


def post(browser: Browser, run: int, what: str, **body: Any) -> Any:
    return browser.post(
        f"{API}/imports/{run}/{what}", json.dumps(body), content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )  # fmt: skip


def get(browser: Browser, address: str) -> Any:
    answer = browser.get(f"{API}/{address}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_every_step_from_the_file_to_the_undo(manager: Browser) -> None:
    target = get(manager, "import-targets")[0]
    assert target["code"] == "portfolio"
    assert {"branch", "existing"} <= {option["code"] for option in target["options"]}

    made = upload(manager)
    assert (made["http"], made["state"], made["rows"]) == (201, "mapping", 3)
    run = made["id"]
    columns = {column["name"]: column["field"] for column in get(manager, f"imports/{run}/columns")}
    assert columns["Телефон"] == "client.phone"
    assert put(manager, run, "definition", answers=ANSWERS).status_code == 200

    answer = post(manager, run, "check")
    assert (answer.status_code, answer.json()["state"]) == (202, "checking")
    assert answer.json()["progress"] == {"state": "queued", "done": 0, "total": 3, "error": ""}
    work()
    now = get(manager, f"imports/{run}")
    assert (now["state"], now["checked"]["created"], now["checked"]["refused"]) == ("checked", 2, 1)
    assert Client.objects.count() == 0
    shown = get(manager, f"imports/{run}/preview?outcome=refused")["rows"]
    assert [row["row"] for row in shown] == [4]
    assert [(group["code"], group["count"]) for group in get(manager, f"imports/{run}/error-groups")] == [
        ("date_none", 1)
    ]
    wrong = get(manager, f"imports/{run}/errors")["items"][0]
    assert (wrong["row_number"], wrong["value"], wrong["fatal"]) == (4, "31.02.1979", True)
    file = manager.get(f"{API}/imports/{run}/errors-file")
    assert "31.02.1979" in b"".join(file.streaming_content).decode()

    assert post(manager, run, "load").status_code == 202
    work()
    now = get(manager, f"imports/{run}")
    assert (now["state"], now["counts"]["clients_created"], Policy.objects.count()) == ("done", 2, 2)
    assert (now["progress"]["done"], now["progress"]["total"]) == (3, 3)
    assert [row["id"] for row in get(manager, "imports")["items"]] == [run]

    assert post(manager, run, "undo").json()["state"] == "undoing"
    work()
    assert get(manager, f"imports/{run}")["state"] == "undone"
    assert (Client.objects.count(), Policy.objects.count()) == (0, 0)


def test_pause_and_resume(manager: Browser) -> None:
    run = upload(manager)["id"]
    put(manager, run, "definition", answers=ANSWERS)
    post(manager, run, "check")
    work()
    assert post(manager, run, "resume").status_code == 409
    post(manager, run, "load")
    assert post(manager, run, "pause").status_code == 202
    assert get(manager, f"imports/{run}")["progress"]["state"] == "paused"
    assert Client.objects.count() == 0
    assert post(manager, run, "resume").json()["progress"]["state"] == "queued"
    work()
    assert Client.objects.count() == 2


def test_a_mapping_is_kept_and_used_again(manager: Browser) -> None:
    run = upload(manager)["id"]
    put(manager, run, "definition", answers=ANSWERS, source="salon")
    assert post(manager, run, "mapping", name="Автосалон").status_code == 201
    code = Mapping.objects.get(shipped=False).code
    assert code in {mapping["code"] for mapping in get(manager, "import-mappings")}
    again = upload(manager, mapping=code)
    assert (again["mapping"], again["source"]) == (code, "salon")
    assert upload(manager, mapping="nobody")["code"] == "unknown_mapping"
    assert ImportRun.objects.count() == 2


def test_the_layout_can_be_told(manager: Browser) -> None:
    run = upload(manager, TEXT.encode("cp1251"))["id"]
    assert get(manager, f"imports/{run}")["layout"]["encoding"] == "cp1251"
    answer = put(manager, run, "layout", header_row=0, encoding="cp1251")
    assert (answer.status_code, answer.json()["rows"]) == (200, 4)


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"answers": {"branch": "nowhere"}}, "invalid_answers", ["body", "answers", "branch"]),
        (
            {"answers": ANSWERS, "definition": {"fields": {"client.phone": {"from": "Нет"}}}},
            "invalid_mapping",
            ["body", "definition"],
        ),
        ({"answers": ANSWERS, "definition": {"fields": {"x": 1}}}, "invalid_mapping", ["body", "definition"]),
    ],
)
def test_a_wrong_definition_changes_nothing(
    manager: Browser, body: dict[str, Any], code: str, place: list[str]
) -> None:
    run = upload(manager)["id"]
    before = get(manager, f"imports/{run}")
    answer = put(manager, run, "definition", **body)
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["loc"]) == (
        422,
        code,
        place,
    )
    assert get(manager, f"imports/{run}") == before


def test_what_is_no_table_is_not_kept(manager: Browser) -> None:
    for content, name in ((b"", "empty.csv"), (b"\x00\x01\x02", "photo.csv"), (b"junk", "book.xlsx")):
        assert upload(manager, content, name)["http"] == 422
    assert upload(manager, target="nothing")["code"] == "unknown_target"
    assert ImportRun.objects.count() == 0


def test_only_in_order_and_only_ones_own(
    manager: Browser, sign_in: Callable[[User], Browser], branch_head: User, anna: User
) -> None:
    run = upload(manager)["id"]
    assert post(manager, run, "load").json()["code"] == "not_now"
    assert put(sign_in(branch_head), run, "definition", answers=ANSWERS).status_code == 404
    assert sign_in(branch_head).get(f"{API}/imports/{run}").status_code == 404
    assert upload(sign_in(anna))["http"] == 403
    assert sign_in(anna).get(f"{API}/imports/{run}").status_code == 403
    assert ImportRun.objects.get().state == "mapping"
