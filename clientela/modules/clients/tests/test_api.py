"""Clients over the API."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Attachment, Client, Note
from clientela.modules.clients.tests.calling import Call

LIDIA = {
    "last_name": "Смирнова", "first_name": "Лидия", "middle_name": "Павловна", "birth_date": "1990-02-03",
    "city": "Самара", "contacts": [{"kind": "phone", "value": "8 917 000-55-66"}],
    "documents": [{"kind": "passport", "number": "92 08 410041"}],
}  # fmt: skip


def test_create_and_read(call: Call, anna: User) -> None:
    status, made = call(anna, "post", "/clients", LIDIA)
    assert status == 201
    assert (made["name"], made["sex"], made["time_zone"], made["version"]) == (
        "Смирнова Лидия Павловна", "f", "Europe/Samara", 1,
    )  # fmt: skip
    assert [(point["kind"], point["value"]) for point in made["contacts"]] == [("phone", "+79170005566")]
    assert made["documents"][0]["number"] == "92 08 •••• 41"
    status, read = call(anna, "get", f"/clients/{made['id']}")
    assert (status, read) == (200, made)
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "client.created",
        "client.read",
    ]
    status, full = call(anna, "get", f"/identity-documents/{made['documents'][0]['id']}")
    assert (status, full["number"]) == (200, "9208410041")
    assert Entry.objects.latest("id").action == "client.read_document"


def test_a_repeated_key_makes_one_client(call: Call, anna: User) -> None:
    first = call(anna, "post", "/clients", LIDIA, key="once")
    assert call(anna, "post", "/clients", LIDIA, key="once") == first
    assert Client.objects.count() == 1


def test_errors_name_the_fields(call: Call, anna: User) -> None:
    body = LIDIA | {"last_name": "", "inn": "760307073215", "contacts": [{"kind": "phone", "value": "12"}]}
    status, problem = call(anna, "post", "/clients", body)
    assert (status, problem["code"]) == (422, "invalid")
    assert {error["loc"][1] for error in problem["errors"]} == {"last_name", "inn", "phone"}
    assert not Client.objects.exists()


def test_list_filters_and_pages(call: Call, anna: User, vera: Client, boris_client: Client) -> None:
    call(anna, "post", "/clients", LIDIA)
    status, page = call(anna, "get", "/clients?limit=1")
    assert (status, [row["name"] for row in page["items"]]) == (200, ["Орлова Вера Николаевна"])
    status, rest = call(anna, "get", f"/clients?limit=1&cursor={page['next']}")
    assert ([row["name"] for row in rest["items"]], rest["next"]) == (["Смирнова Лидия Павловна"], None)
    for query, names in (
        ("name=орл", ["Орлова Вера Николаевна"]),
        ("phone=89170005566", ["Смирнова Лидия Павловна"]),
        ("email=Vera.Orlova@mail.example", ["Орлова Вера Николаевна"]),
        ("phone=nonsense", []),
        ("name=зимин", []),
    ):
        found = call(anna, "get", f"/clients?{query}")[1]["items"]
        assert [row["name"] for row in found] == names, query


def test_change_with_a_version(call: Call, anna: User, vera: Client) -> None:
    path = f"/clients/{vera.pk}"
    status, changed = call(anna, "patch", path, {"last_name": "Егорова", "version": 1})
    assert (status, changed["name"], changed["version"]) == (200, "Егорова Вера Николаевна", 2)
    status, problem = call(anna, "patch", path, {"last_name": "Иная"}, If_Match='"1"')
    assert (status, problem["code"]) == (409, "stale_version")
    vera.refresh_from_db()
    assert vera.last_name == "Егорова"
    assert call(anna, "patch", path, {"contact_from": "11:00"})[0] == 200


def test_contacts(call: Call, anna: User, vera: Client) -> None:
    body = {"kind": "phone", "value": "8 917 000-55-66", "label": "мобильный"}
    status, point = call(anna, "post", f"/clients/{vera.pk}/contacts", body)
    assert (status, point["value"], point["is_primary"]) == (201, "+79170005566", False)
    status, problem = call(anna, "post", f"/clients/{vera.pk}/contacts", body)
    assert (status, problem["code"]) == (409, "contact_taken")
    assert problem["detail"] == "Такой контакт у клиента уже есть."
    assert call(anna, "patch", f"/contacts/{point['id']}", {"is_primary": True})[1]["is_primary"] is True
    assert call(anna, "post", f"/contacts/{point['id']}/verification")[1]["verified_at"] is not None
    assert call(anna, "delete", f"/contacts/{point['id']}")[0] == 204
    assert vera.contact_points.count() == 2


def test_notes_tags_stop_and_confirmation(call: Call, anna: User, vera: Client) -> None:
    base = f"/clients/{vera.pk}"
    note = call(anna, "post", f"{base}/notes", {"text": "Любит короткие звонки"})[1]
    assert [row["text"] for row in call(anna, "get", f"{base}/notes")[1]["items"]] == [
        "Любит короткие звонки"
    ]
    assert call(anna, "delete", f"/notes/{note['id']}")[0] == 204
    assert call(anna, "get", f"{base}/notes")[1]["items"] == []
    assert call(anna, "post", f"/notes/{note['id']}/restoration")[0] == 204
    assert call(anna, "put", f"{base}/tags", {"names": ["рассрочка", "дача"]})[1] == ["дача", "рассрочка"]
    assert call(anna, "post", "/client-tags", {"name": "зима", "client_ids": [vera.pk]})[1] == {
        "tagged": 1, "done": [vera.pk], "refused": [],
    }  # fmt: skip
    assert call(anna, "put", f"{base}/do-not-contact", {"reason": "просила"})[0] == 204
    vera.refresh_from_db()
    assert (vera.do_not_contact, vera.do_not_contact_reason) == (True, "просила")
    assert call(anna, "delete", f"{base}/do-not-contact")[0] == 204
    assert call(anna, "post", f"{base}/confirmation")[0] == 204
    assert call(anna, "put", f"{base}/address", {"city": "Самара", "street": "Ленинская, 1"})[1][
        "time_zone"
    ] == ("Europe/Samara")


def test_duplicates(call: Call, anna: User, vera: Client) -> None:
    body = {
        "phone": "8 917 000-41-08",
        "last_name": "Орлова",
        "first_name": "Вера",
        "birth_date": "1984-04-12",
    }
    status, found = call(anna, "post", "/clients/duplicates", body)
    assert (status, found[0]["client"]["id"], found[0]["matches"], found[0]["percent"]) == (
        200, vera.pk, ["phone", "name", "birth_date"], 90,
    )  # fmt: skip


def test_files(
    anna: User, vera: Client, sign_in: Callable[[User], Browser], tmp_path: Path, settings
) -> None:
    settings.MEDIA_ROOT = tmp_path
    browser = sign_in(anna)
    upload = SimpleUploadedFile("Справка.pdf", b"%PDF-1.7")
    answer = browser.post(
        f"/api/v1/clients/{vera.pk}/files", {"file": upload}, headers={"Idempotency-Key": "f1"}
    )
    made = json.loads(answer.content)
    assert (answer.status_code, made["name"], made["size"]) == (201, "Справка.pdf", 8)
    content = browser.get(f"/api/v1/files/{made['id']}/content")
    assert b"".join(content.streaming_content) == b"%PDF-1.7"
    assert browser.delete(f"/api/v1/files/{made['id']}").status_code == 204
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(("method", "path", "body"), [
    ("get", "/clients/{c}", None), ("patch", "/clients/{c}", {"last_name": "Иная"}),
    ("post", "/clients/{c}/contacts", {"kind": "phone", "value": "+79170005566"}),
    ("delete", "/contacts/{p}", None), ("post", "/contacts/{p}/verification", {}),
    ("post", "/clients/{c}/notes", {"text": "x"}), ("put", "/clients/{c}/tags", {"names": ["x"]}),
    ("put", "/clients/{c}/do-not-contact", {}), ("post", "/clients/{c}/confirmation", {}),
    ("put", "/clients/{c}/address", {"city": "Москва"}), ("get", "/clients/{c}/notes", None),
    ("get", "/clients/{c}/files", None), ("get", "/clients/{c}/timeline", None),
])  # fmt: skip
def test_a_foreign_client_is_not_there(
    call: Call,
    boris: User,
    vera: Client,
    now: datetime,
    method: str,
    path: str,
    body: dict[str, object] | None,
) -> None:
    before = Client.objects.values().get(pk=vera.pk)
    point = vera.contact_points.get(kind="phone")
    status, problem = call(boris, method, path.format(c=vera.pk, p=point.pk), body)
    assert (status, problem["code"]) == (404, "not_found")
    assert Client.objects.values().get(pk=vera.pk) == before
    assert (vera.contact_points.count(), Note.objects.count(), Entry.objects.count()) == (2, 0, 0)


def test_a_reader_changes_nothing(call: Call, auditor: User, vera: Client) -> None:
    assert call(auditor, "get", f"/clients/{vera.pk}")[0] == 200
    assert call(auditor, "patch", f"/clients/{vera.pk}", {"last_name": "Иная"})[0] == 403
    assert call(auditor, "post", "/clients", LIDIA)[0] == 403
    vera.refresh_from_db()
    assert (vera.last_name, Client.objects.count()) == ("Орлова", 1)
