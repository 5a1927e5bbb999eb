"""The list, the forms and the dialogs as people get them."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client as Browser

from clientela.foundation.lists.models import SavedView
from clientela.modules.accounts.models import User
from clientela.modules.claims.operations import open_claim
from clientela.modules.clients.models import Client, ContactPoint, Note
from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.models import Policy, Project, Quote

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(sign_in: Callable[[User], Browser], anna: User) -> Browser:
    return sign_in(anna)


def triggers(page: HttpResponse) -> dict[str, Any]:
    return json.loads(page.headers["HX-Trigger"])


def acted(page: HttpResponse, text: str) -> None:
    """The dialog closes, the card looks again, the toast says ``text``."""
    assert page.status_code == 204
    told = triggers(page)
    assert told["toast"]["text"] == text
    assert {"close-modal", "card-changed"} <= told.keys()


# --- the list ----------------------------------------------------------------------------------------


def test_list(browser: Browser, vera: Client, vera_policy: Policy, boris_client: Client) -> None:
    text = browser.get("/clients/").content.decode()
    assert "Орлова Вера Николаевна" in text
    assert "Зимин" not in text
    part = browser.get("/clients/?q=орл", headers=HTMX | {"HX-Target": "client-list"}).content.decode()
    assert "Орлова Вера Николаевна" in part
    assert "<html" not in part
    nobody = browser.get("/clients/?q=зимин").content.decode()
    assert "Под эти условия никто не подходит" in nobody


def test_list_costs_few_statements(
    browser: Browser,
    vera: Client,
    make_client: Callable[..., Client],
    anna: User,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    for number in range(60):
        make_client(anna.agent, f"Клиент{number:02}", "Иван")
    browser.get("/clients/")
    with statements() as sent:
        assert browser.get("/clients/").content.decode().count("data-open>") == 50
    assert len(sent) <= 13, sent
    with statements() as sent:
        browser.get("/clients/?q=кли", headers=HTMX | {"HX-Target": "client-list"})
    assert len(sent) <= 9, sent


def test_counts(browser: Browser, vera: Client) -> None:
    assert browser.get("/clients/count/").content.decode() == "1 человек или компания"
    assert ">1</span>" in browser.get("/clients/tabs/").content.decode()


def test_columns_and_views(browser: Browser, anna: User, boris: User, vera: Client, sign_in) -> None:
    browser.post("/clients/columns/", {"columns": ["phone", "city", "nonsense"], "query": "order=-name"})
    text = browser.get("/clients/").content.decode()
    assert "+7 917 000-41-08" in text
    assert "Прибыльность</th>" not in text
    browser.post("/clients/columns/", {"usual": "1"})
    assert "Прибыльность</th>" in browser.get("/clients/").content.decode()
    browser.post("/clients/views/", {"name": "Мои зимние", "query": "tag=зима&order=-end&junk=1"})
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query) == (
        anna,
        "Мои зимние",
        "tag=%D0%B7%D0%B8%D0%BC%D0%B0&order=-end",
    )
    assert "Мои зимние" in browser.get("/clients/").content.decode()
    sign_in(boris).post(f"/clients/views/{view.pk}/removal/")
    assert SavedView.objects.exists()
    browser.post(f"/clients/views/{view.pk}/removal/")
    assert not SavedView.objects.exists()


def test_tag_many(browser: Browser, vera: Client, boris_client: Client) -> None:
    form = browser.get("/clients/tags/", {"ids": [vera.pk, boris_client.pk]}, headers=HTMX).content.decode()
    assert "Её получат 2 клиента." in form
    page = browser.post("/clients/tags/", {"ids": [vera.pk, boris_client.pk], "name": "зима"}, headers=HTMX)
    assert (page.status_code, page.headers["HX-Refresh"]) == (204, "true")
    assert [client.tags.count() for client in (vera, boris_client)] == [1, 0]
    assert browser.post("/clients/tags/", {"ids": [vera.pk], "name": ""}, headers=HTMX).status_code == 422


# --- making and changing a card ----------------------------------------------------------------------

FORM = {
    "kind": "person", "last_name": "Смирнова", "first_name": "Лидия", "middle_name": "Павловна",
    "birth_date": "1990-02-03", "language": "ru", "phone": "8 917 000-55-66", "city": "Самара",
    "street": "Ленинская, 1", "passport": "92 08 410041",
}  # fmt: skip


def test_new_client(browser: Browser, anna: User) -> None:
    page = browser.post("/clients/new/", FORM)
    client = Client.objects.get()
    assert (page.status_code, page.headers["Location"]) == (302, f"/clients/{client.pk}/")
    assert (client.name, client.sex, client.agent, client.time_zone, client.completeness) == (
        "Смирнова Лидия Павловна", "f", anna.agent, "Europe/Samara", 85,
    )  # fmt: skip
    assert client.contact_points.get().value == "+79170005566"
    assert client.documents.get().number == "9208410041"
    assert str(client.addresses.get()) == "Самара, Ленинская, 1"


def test_errors_keep_what_was_typed(browser: Browser, vera: Client) -> None:
    page = browser.post(
        "/clients/new/",
        FORM | {"phone": "+7 917 000-41-0", "inn": "760307073215", "last_name": "Орлова", "first_name": "Вера",
                "middle_name": "Николаевна", "birth_date": "1984-04-12"},
    )  # fmt: skip
    text = page.content.decode()
    assert page.status_code == 422
    assert "Не сохранено: исправьте 2 поля" in text
    assert "В номере 10 цифр, нужно 11. Проверьте последние." in text
    for value in ("+7 917 000-41-0", "760307073215", "Ленинская, 1", "92 08 410041"):
        assert f'value="{value}"' in text
    assert "Похоже, клиент уже есть" in text
    assert Client.objects.count() == 1


def test_new_company(browser: Browser) -> None:
    form = {"kind": "company", "company_name": "ООО «Кама-Проект»", "inn": "7827004526", "language": "ru"}
    assert browser.post("/clients/new/", form).status_code == 302
    assert Client.objects.get().name_key == "ооо кама проект"


def test_duplicates_while_typing(browser: Browser, vera: Client, boris_client: Client) -> None:
    text = browser.post("/clients/duplicates/", {"phone": "8 917 000 41 08"}, headers=HTMX).content.decode()
    assert "Орлова Вера Николаевна" in text
    text = browser.post("/clients/duplicates/", {"phone": "+79020007301"}, headers=HTMX).content.decode()
    assert "Зимин" not in text


def test_edit(browser: Browser, vera: Client) -> None:
    form = {"last_name": "Егорова", "first_name": "Вера", "middle_name": "Николаевна", "language": "ru",
            "birth_date": "1984-04-12", "city": "Казань", "contact_from": "11:00", "version": "1"}  # fmt: skip
    assert browser.post(f"/clients/{vera.pk}/edit/", form).status_code == 302
    vera.refresh_from_db()
    assert (vera.last_name, f"{vera.contact_from:%H:%M}", vera.version) == ("Егорова", "11:00", 2)
    page = browser.post(f"/clients/{vera.pk}/edit/", form | {"last_name": "Иная"})
    assert page.status_code == 422
    assert "Пока вы печатали, карточку изменили" in page.content.decode()
    vera.refresh_from_db()
    assert vera.last_name == "Егорова"


# --- dialogs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("path", [
    "contacts/", "consents/", "stop/", "notes/", "tags/", "documents/", "files/", "address/", "quotes/",
    "projects/", "payments/",
])  # fmt: skip
def test_every_form_opens_as_dialog_and_as_page(
    browser: Browser, vera: Client, vera_policy: Policy, path: str, htmx: bool
) -> None:
    page = browser.get(f"/clients/{vera.pk}/{path}", headers=HTMX if htmx else {})
    text = page.content.decode()
    assert page.status_code == 200
    assert ("<dialog" in text and "<html" not in text) if htmx else "<html" in text


def test_contact(browser: Browser, vera: Client) -> None:
    base = f"/clients/{vera.pk}/contacts/"
    page = browser.post(base, {"kind": "phone", "value": "8 917 000 41 08"}, headers=HTMX)
    assert page.status_code == 422
    assert "Такой контакт у клиента уже есть." in page.content.decode()
    acted(browser.post(base, {"kind": "phone", "value": "8 917 000-55-66"}, headers=HTMX), "Контакт добавлен")
    point = ContactPoint.objects.get(value="+79170005566")
    acted(browser.post(f"/clients/contacts/{point.pk}/verification/", headers=HTMX), "Контакт проверен")
    edit = {"label": "мобильный", "do_not_use": "on"}
    acted(browser.post(f"/clients/contacts/{point.pk}/", edit, headers=HTMX), "Контакт сохранён")
    point.refresh_from_db()
    assert (point.label, point.do_not_use) == ("мобильный", True)
    acted(browser.post(f"/clients/contacts/{point.pk}/removal/", headers=HTMX), "Контакт убран")
    assert vera.contact_points.count() == 2


def test_note_and_undo(browser: Browser, vera: Client) -> None:
    base = f"/clients/{vera.pk}/notes/"
    acted(browser.post(base, {"text": "Любит короткие звонки"}, headers=HTMX), "Заметка сохранена")
    note = Note.objects.get()
    page = browser.post(f"/clients/notes/{note.pk}/removal/", headers=HTMX)
    acted(page, "Заметка удалена")
    acted(browser.post(triggers(page)["toast"]["undo_url"], headers=HTMX), "Заметка возвращена")
    note.refresh_from_db()
    assert note.deleted_at is None
    page = browser.post(base, {"text": "без скриптов"})
    assert (page.status_code, page.headers["Location"]) == (302, f"/clients/{vera.pk}/")


def test_stop_and_allow(browser: Browser, vera: Client) -> None:
    base = f"/clients/{vera.pk}/stop/"
    assert browser.post(base, {}, headers=HTMX).status_code == 422
    acted(browser.post(base, {"scope": ["service/sms"]}, headers=HTMX), "Прекращено")
    assert set(Consent.objects.filter(withdrawn_at__isnull=True).values_list("channel", flat=True)) == {
        "email",
        "call",
    }
    acted(browser.post(base, {"everything": "on", "reason": "просила"}, headers=HTMX), "Прекращено")
    vera.refresh_from_db()
    assert (vera.do_not_contact, vera.do_not_contact_reason) == (True, "просила")
    assert "Не беспокоить." in browser.get(f"/clients/{vera.pk}/").content.decode()
    acted(browser.post(f"{base}end/", headers=HTMX), "Клиента снова можно беспокоить")


def test_consent_tags_document_address_file(
    browser: Browser, vera: Client, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    base = f"/clients/{vera.pk}"
    given = {"purpose": "advertising", "channel": "sms", "source": "по телефону"}
    acted(browser.post(f"{base}/consents/", given, headers=HTMX), "Согласие сохранено")
    acted(browser.post(f"{base}/tags/", {"names": "рассрочка, дача"}, headers=HTMX), "Метки сохранены")
    paper = {"kind": "passport", "number": "92 08 410041"}
    acted(browser.post(f"{base}/documents/", paper, headers=HTMX), "Документ сохранён")
    acted(
        browser.post(f"{base}/address/", {"city": "Самара", "street": "Ленинская"}, headers=HTMX),
        "Адрес сохранён",
    )
    upload = SimpleUploadedFile("a.exe", b"MZ")
    refused = browser.post(f"{base}/files/", {"file": upload}, headers=HTMX)
    assert refused.status_code == 422
    assert "Файлы такого вида не хранятся" in refused.content.decode()
    acted(browser.post(f"{base}/files/", {"file": SimpleUploadedFile("Справка.pdf", b"%PDF")}, headers=HTMX),
          "Файл приложен")  # fmt: skip
    page = browser.get(f"/clients/files/{vera.attachments.get().pk}/")
    assert page.headers["Content-Disposition"].startswith("attachment;")
    assert b"".join(page.streaming_content) == b"%PDF"
    vera.refresh_from_db()
    assert (vera.time_zone, sorted(vera.tags.values_list("name", flat=True))) == (
        "Europe/Samara",
        ["дача", "рассрочка"],
    )


def test_from_quote_to_policy(browser: Browser, vera: Client, vera_policy: Policy) -> None:
    base = f"/clients/{vera.pk}"
    quote = {"policy": vera_policy.pk, "premium": "8 100,50", "note": "КБМ 0,63"}
    acted(browser.post(f"{base}/quotes/", quote, headers=HTMX), "Расчёт сохранён")
    assert Quote.objects.get().premium == Decimal("8100.50")
    project = {"policy": vera_policy.pk, "premium": "8000"}
    page = browser.post(f"{base}/projects/", project, headers=HTMX)
    assert page.status_code == 422
    assert "Напишите, почему цена не как в прошлом году." in page.content.decode()
    acted(
        browser.post(f"{base}/projects/", project | {"reason": "скидка"}, headers=HTMX), "Подготовлен проект"
    )
    made = Project.objects.get()
    drawer = browser.get(f"/clients/policies/{vera_policy.pk}/", headers=HTMX).content.decode()
    assert "Отправлен клиенту" in drawer
    acted(browser.post(f"/clients/projects/{made.pk}/offer/", headers=HTMX), "Отмечено как отправленное")
    price = {"policy": vera_policy.pk, "premium": "7 900", "reason": "акция"}
    acted(browser.post(f"/clients/projects/{made.pk}/price/", price, headers=HTMX), "Цена изменена")
    today = date.today()
    money = {
        "target": f"project-{made.pk}",
        "amount": "8 000",
        "method": "card",
        "paid_on": today.isoformat(),
    }
    page = browser.post(f"{base}/payments/", money, headers=HTMX)
    assert page.status_code == 422
    assert "К оплате только 7\u00a0900,00\u00a0₽." in page.content.decode()
    acted(browser.post(f"{base}/payments/", money | {"amount": "7 900"}, headers=HTMX), "Платёж записан")
    assert Policy.objects.get(previous=vera_policy).premium == Decimal("7900.00")
    closed = browser.post(f"/clients/projects/{made.pk}/withdrawal/", headers=HTMX)
    assert (closed.status_code, closed.content.decode()) == (
        409,
        "Проект тем временем оформили или отозвали.",
    )


def test_loss_dispute_sale_cancellation(
    browser: Browser, vera: Client, make_policy: Callable[..., Policy], osago, now: datetime
) -> None:
    year = date.today().year
    policy = make_policy(
        vera, osago, number="ХХХ 1", end=date(year + 1, 6, 1), start_date=date(year - 1, 1, 1)
    )
    assert browser.get(f"/clients/{vera.pk}/claims/").headers["Location"] == f"/claims/new/?client={vera.pk}"
    claim = open_claim(actor=None, now=now, policy=policy, occurred_on=date(year - 1, 3, 1))
    acted(browser.post(f"/clients/claims/{claim.pk}/dispute/", headers=HTMX),
          "Спор открыт: сообщения о продлении остановлены")  # fmt: skip
    acted(browser.post(f"/clients/claims/{claim.pk}/dispute/", {"closed": "1"}, headers=HTMX), "Спор закрыт")
    sold = browser.post(
        f"/clients/objects/{policy.insured_object_id}/sale/", {"day": f"{year}-01-02"}, headers=HTMX
    )
    acted(sold, "Продажа отмечена")
    cancel = f"/clients/policies/{policy.pk}/cancellation/"
    assert browser.post(cancel, {"on": "2001-01-01", "reason": "продажа"}, headers=HTMX).status_code == 422
    acted(
        browser.post(cancel, {"on": f"{year}-01-02", "reason": "продажа"}, headers=HTMX), "Полис расторгнут"
    )


@pytest.mark.parametrize(("path", "data"), [
    ("{c}/contacts/", {"kind": "phone", "value": "+79170005566"}), ("{c}/notes/", {"text": "x"}),
    ("{c}/tags/", {"names": "x"}), ("{c}/confirmation/", {}), ("{c}/stop/", {"everything": "on"}),
    ("{c}/quotes/", {"policy": "{p}", "premium": "1"}), ("{c}/projects/", {"policy": "{p}", "premium": "8533.99"}),
    ("policies/{p}/cancellation/", {"on": "2026-11-18", "reason": "x"}), ("{c}/edit/", {"last_name": "Иная"}),
    ("objects/{o}/sale/", {"day": "2026-11-01"}), ("contacts/{k}/removal/", {}),
])  # fmt: skip
@pytest.mark.parametrize(("who", "status"), [("boris", 404), ("auditor", 403)])
def test_strangers_and_readers_change_nothing(
    path: str, data: dict[str, str], who: str, status: int, request: pytest.FixtureRequest,
    sign_in: Callable[[User], Browser], vera: Client, vera_policy: Policy,
) -> None:  # fmt: skip
    point = vera.contact_points.get(kind="phone")
    names = {"c": vera.pk, "p": vera_policy.pk, "o": vera_policy.insured_object_id, "k": point.pk}
    before = (
        Client.objects.values().get(pk=vera.pk), Policy.objects.values().get(), list(ContactPoint.objects.values()),
    )  # fmt: skip
    page = sign_in(request.getfixturevalue(who)).post(
        f"/clients/{path.format(**names)}",
        {key: value.format(**names) for key, value in data.items()},
        headers=HTMX,
    )
    assert page.status_code == status
    assert before == (
        Client.objects.values().get(pk=vera.pk), Policy.objects.values().get(), list(ContactPoint.objects.values()),
    )  # fmt: skip
    assert (Note.objects.count(), Quote.objects.count(), Project.objects.count(), vera.tags.count()) == (
        0,
        0,
        0,
        0,
    )
    assert Consent.objects.filter(client=vera, withdrawn_at__isnull=True).count() == 3


def test_signed_out_people_are_sent_to_sign_in(vera: Client) -> None:
    page = Browser().get(f"/clients/{vera.pk}/")
    assert (page.status_code, page.headers["Location"]) == (302, f"/account/login/?next=/clients/{vera.pk}/")
