"""The page of a policy and the acts on it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from clientela.foundation.audit.models import Entry
from clientela.foundation.dates import local_today
from clientela.modules.billing.models import Invoice, Refund
from clientela.modules.billing.operations import amend, make_schedule, pay_back, register_payment
from clientela.modules.contracts.events import PolicyAmended
from clientela.modules.contracts.models import PolicyVersion
from clientela.modules.contracts.operations import cancel_policy, endorse
from clientela.modules.documents import handlers, operations
from clientela.modules.documents.models import Document

TODAY = local_today("Europe/Moscow", timezone.now())


@pytest.fixture
def running(make_policy, vera, kasko, settings, tmp_path, now):
    """Вера's KASKO in the middle of its year."""
    settings.MEDIA_ROOT = tmp_path
    operations.load_shipped(now=now)
    policy = make_policy(
        vera, kasko, number="К 16-204871", start_date=TODAY - timedelta(days=100), end=TODAY + timedelta(days=264),
        premium=Decimal(36500), sum_insured=Decimal(2_000_000),
    )  # fmt: skip
    policy.participants.create(role="driver", name="Орлова Вера Николаевна", birth_date=date(1984, 4, 12))
    return policy


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


def test_the_page_of_a_policy_that_was_imported(sign_in, anna, running):
    page = text_of(sign_in(anna).get(f"/policies/{running.pk}/"))
    for words in (
        "К 16-204871",
        "Орлова Вера Николаевна",
        "36 500,00 ₽",
        "2 000 000 ₽",
        "Hyundai Creta, 2021",
        "Выпуск",
        "Изменить",
    ):
        assert words in page, words
    assert PolicyVersion.objects.count() == 0


def test_endorsing_shows_in_the_timeline(sign_in, anna, running, now):
    browser = sign_in(anna)
    path = f"/policies/{running.pk}/endorsements/"
    assert 'value="36 500,00"' in text_of(browser.get(path))
    good = {"valid_from": TODAY.isoformat(), "premium": "47 450,00", "sum_insured": "2 000 000", "reason": "второй водитель",
            "seen": "1", "new": "0", "new-0-role": "driver", "new-0-name": "Орлов Илья", "new-0-birth_date": "02.01.2006"}  # fmt: skip
    answer = browser.post(path, good | {"valid_from": (TODAY - timedelta(days=200)).isoformat()})
    assert answer.status_code == 422
    assert "День должен быть в пределах срока" in text_of(answer)
    assert browser.post(path, good | {"new-0-name": ""}).status_code == 422
    assert PolicyVersion.objects.count() == 0
    assert browser.post(path, good, headers={"hx-request": "true"}).status_code == 204
    version = PolicyVersion.objects.get(number=2)
    assert (version.difference, [one["name"] for one in version.participants]) == (
        Decimal("7950.00"), ["Орлова Вера Николаевна", "Орлов Илья"],
    )  # fmt: skip
    page = text_of(browser.get(f"/policies/{running.pk}/"))
    for words in (
        "к доплате: 7 950,00 ₽",
        "За 265 из 365 дней срока",
        "второй водитель",
        "Орлов Илья",
        "44 450,00 ₽",
    ):
        assert words in page, words
    taken_out = {name: value for name, value in good.items() if not name.startswith("new")}
    taken_out |= {
        "was-0-name": "Орлова Вера Николаевна",
        "was-0-gone": "on",
        "seen": "2",
        "reason": "один водитель",
    }
    assert browser.post(path, taken_out, headers={"hx-request": "true"}).status_code == 204
    assert [one.name for one in running.participants.all()] == ["Орлов Илья"]


def test_cancelling_says_what_comes_back_and_is_taken_back(sign_in, anna, running):
    browser = sign_in(anna)
    path = f"/policies/{running.pk}/cancellation/"
    assert "26 400,00 ₽ к возврату" in text_of(browser.get(path))
    answer = browser.post(path, {"on": TODAY.isoformat(), "reason": "продажа", "seen": "7"})
    assert "за это время изменили" in text_of(answer)
    browser.post(path, {"on": TODAY.isoformat(), "reason": "продажа", "seen": "1"})
    page = text_of(browser.get(f"/policies/{running.pk}/"))
    assert "к возврату: 26 400,00 ₽" in page
    assert "Восстановить" in page
    browser.post(f"/policies/{running.pk}/reinstatement/", {"reason": "ошибка", "seen": "2"})
    running.refresh_from_db()
    assert running.status == "issued"


def test_a_duplicate_is_made_and_downloaded(sign_in, anna, boris, running, now):
    browser = sign_in(anna)
    browser.post(f"/policies/{running.pk}/duplicates/", {"reason": "утерян", "seen": "1"})
    version = PolicyVersion.objects.get(kind="duplicate")
    handlers.on_policy_amended(
        PolicyAmended(running.pk, running.client_id, version.pk, version.kind), now=now
    )
    document = operations.make(document_id=Document.objects.get().pk, now=now)
    assert f"/papers/{document.pk}/" in text_of(browser.get(f"/policies/{running.pk}/"))
    answer = browser.get(f"/papers/{document.pk}/")
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"
    assert Entry.objects.filter(action="document.downloaded").count() == 1
    other = sign_in(boris)
    assert [
        other.get(path).status_code for path in (f"/papers/{document.pk}/", f"/policies/{running.pk}/")
    ] == [404, 404]


def test_a_document_is_asked_for_once(sign_in, anna, auditor, running):
    browser = sign_in(anna)
    for _time in range(2):
        assert (
            browser.post(f"/policies/{running.pk}/documents/", headers={"hx-request": "true"}).status_code
            == 204
        )
    assert Document.objects.get().state == "making"
    reader = sign_in(auditor)
    assert reader.post(f"/policies/{running.pk}/documents/").status_code == 403
    assert "Изменить" not in text_of(reader.get(f"/policies/{running.pk}/"))


def test_the_refund_follows_the_day(sign_in, anna, boris, running):
    browser, path = sign_in(anna), f"/policies/{running.pk}/cancellation/refund/"
    assert f'hx-get="{path}"' in text_of(browser.get(f"/policies/{running.pk}/cancellation/"))
    later = (TODAY + timedelta(days=100)).isoformat()
    assert "16 400,00 ₽ к возврату" in text_of(browser.get(path, {"on": later}))
    assert "День должен попадать в срок" in text_of(browser.get(path, {"on": "2020-01-01"}))
    assert "Выберите последний день" in text_of(browser.get(path, {"on": "завтра"}))
    refused = browser.post(f"/policies/{running.pk}/cancellation/", {"on": later, "reason": "", "seen": "1"})
    assert "16 400,00 ₽ к возврату" in text_of(refused)
    assert sign_in(boris).get(path, {"on": later}).status_code == 404


def test_money_that_goes_back_stands_in_the_schedule(sign_in, anna, running, now):
    """What was not paid out is dropped by a reinstatement; what was returned is due again."""
    make_schedule(policy=running)
    browser, page = sign_in(anna), f"/policies/{running.pk}/"
    assert "Записать платёж" in text_of(browser.get(page))
    assert "новый договор" in text_of(browser.get(page))
    register_payment(actor=anna, now=now, amount=running.premium, method="cash", policy=running)
    assert "Записать платёж" not in text_of(browser.get(page))
    for paid_out, told in ((False, "доплаты нет"), (True, "к доплате: 26 400,00 ₽ (возврат был выплачен)")):
        running.refresh_from_db()
        cancel_policy(actor=anna, now=timezone.now(), policy=running, on=TODAY, reason="продажа")
        amend(now=now, version=running.versions.latest("number"))
        shown = text_of(browser.get(page))
        assert "−26 400,00 ₽" in shown
        assert "К возврату" in shown
        assert "Записать платёж" not in shown
        refund = Refund.objects.get(state="due")
        if paid_out:
            pay_back(actor=anna, now=now, refund=refund, way="bank")
        ask = text_of(browser.get(f"/policies/{running.pk}/reinstatement/"))
        assert ("Возвращено 26 400,00 ₽" in ask) is paid_out
        seen = running.versions.latest("number").number
        browser.post(f"/policies/{running.pk}/reinstatement/", {"reason": "ошибка", "seen": seen})
        amend(now=now, version=running.versions.latest("number"))
        assert told in text_of(browser.get(page))
        assert Invoice.objects.count() == int(paid_out)


def test_what_was_agreed_ahead_is_not_in_force(sign_in, anna, running, now):
    endorse(
        actor=anna, now=timezone.now(), policy=running, valid_from=TODAY + timedelta(days=30), reason="второй водитель",
        premium=Decimal(40000), participants=[{"role": "driver", "name": "Орлов Илья", "birth_date": "2006-01-02"}],
    )  # fmt: skip
    page = text_of(sign_in(anna).get(f"/policies/{running.pk}/"))
    now_named, ahead = page.split(f"С {(TODAY + timedelta(days=30)):%d.%m.%Y}</h2>")
    assert "Орлова Вера Николаевна, 12.04.1984" in now_named.replace('<span class="num">', "")
    assert "Орлов Илья" not in now_named
    assert "Орлов Илья" in ahead
    assert [one.name for one in running.participants.all()] == ["Орлова Вера Николаевна"]
