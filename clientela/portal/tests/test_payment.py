"""The pay page: what it shows, where it sends the client, and what stops it."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from clientela.modules.billing import operations
from clientela.modules.billing.models import Instalment, Invoice, PayAttempt, Payment, Receipt, Refund
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import prepare_new

TOKEN = "k3J9x0Qm2aVt7LsR"
PATH = f"/pay/{TOKEN}/"
REQUISITES = {
    "name": "АО «Причал Страхование»", "inn": "7827004526", "kpp": "", "account": "40702810900000002851",
    "bank_name": "АО «Банк»", "bic": "044030827", "correspondent_account": "30101810200000000827",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _today(now, settings, tmp_path):
    settings.DEMO, settings.LOCAL_BANK = True, tmp_path / "bank.sqlite3"
    settings.ACQUIRERS = dict.fromkeys(["card", "sbp"], "clientela.integrations.local.bank.from_environment")
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def project(vera_policy, now):
    return Project.objects.create(
        policy=vera_policy, client=vera_policy.client, product=vera_policy.product, agent=vera_policy.agent,
        branch=vera_policy.branch, insured_object=vera_policy.insured_object,
        start_date=date(2026, 12, 6), end_date=date(2027, 12, 5), premium=Decimal("8067.41"),
        carried_premium=Decimal("8533.99"), pay_token=TOKEN, created_at=now, updated_at=now,
    )  # fmt: skip


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


def to_bank(client, method="card", path=PATH):
    """Press the button; the address of the bank's page."""
    answer = client.post(path, {"method": method}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.headers["HX-Redirect"].removeprefix("http://127.0.0.1:8000")


def test_the_page_shows_what_is_renewed_and_by_whom(project, client):
    page = text_of(client.get(PATH))

    for words in (
        "Вера Николаевна, проверьте и оплатите", "Hyundai Creta, 2021", "Р 418 ТО 116", "8 067,41 ₽",
        "на 466,58 ₽ дешевле", "№ ХХХ 0412773905", "5 декабря 2027", "Анна Соколова", "+7 917 200-01-01",
        "Оплатить через СБП", "Оплатить картой",
    ):  # fmt: skip
        assert words in page, words
    assert 'href="tel:+79172000101"' in page
    assert 'name="parts"' not in page  # OSAGO is paid at once
    assert not Payment.objects.exists()


@pytest.mark.parametrize("method", ["card", "sbp"])
def test_from_the_button_through_the_bank_to_the_policy(project, client, method):
    bank = to_bank(client, method)
    page = text_of(client.get(bank))
    assert "8 067,41 ₽" in page
    assert "<input" not in page.split("<main")[1].replace('<input type="hidden"', "")  # no card is asked for

    answer = client.post(bank)

    assert answer.headers["Location"] == f"http://127.0.0.1:8000{PATH}"
    payment = Payment.objects.get()
    assert (payment.amount, payment.method, payment.registered_by) == (
        Decimal("8067.41"), "link" if method == "card" else "sbp", None,
    )  # fmt: skip
    project.refresh_from_db()
    assert Policy.objects.get(pk=project.next_policy_id).previous == project.policy
    page = text_of(client.get(PATH))
    assert "Готово: вы застрахованы до 5 декабря 2027" in page
    assert project.next_policy.number in page
    client.post(bank)
    client.post(bank, {"no": 1})
    client.post(PATH, {"method": method})
    assert Payment.objects.count() == 1


def test_while_the_bank_is_silent_the_page_waits_and_then_loads_anew(project, client):
    bank = to_bank(client)
    page = text_of(client.get(PATH))
    assert "Банк ещё не подтвердил оплату" in page
    asked = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(asked).status_code == 204
    client.post(bank)
    assert client.get(asked).headers["HX-Refresh"] == "true"


def test_a_refused_card_and_another_try(project, client):
    first = to_bank(client)
    client.post(first, {"no": 1})
    page = text_of(client.get(PATH))
    assert "Оплата не прошла, деньги не списаны" in page
    second = to_bank(client)
    assert second != first
    client.post(second)
    assert Payment.objects.count() == 1


def test_pressing_twice_is_one_payment(project, client):
    assert to_bank(client) == to_bank(client)
    assert PayAttempt.objects.count() == 1


def test_the_code_for_a_bank_application(project, client, administrator, now):
    assert "Оплатить по коду" not in text_of(client.get(PATH))
    operations.set_payee(actor=administrator, now=now, values=REQUISITES)
    page = text_of(client.get(PATH))
    assert "data:image/svg+xml" in page.split("Оплатить по коду")[1]
    for words in ("АО «Причал Страхование»", "40702810900000002851", "044030827", "Счёт 26-"):
        assert words in page, words


def test_in_two_parts_the_first_one_issues_the_policy(vera, kasko, client, now):
    project = prepare_new(
        actor=None, now=now, client=vera, product=kasko, premium=Decimal(62950), start_date=date(2026, 12, 6),
        end_date=date(2027, 12, 5), sales_channel="web",
    )  # fmt: skip
    path = f"/pay/{project.pay_token}/"
    assert "31 475,00 ₽ сейчас, 31 475,00 ₽ до 6 июня 2027" in " ".join(text_of(client.get(path)).split())
    client.post(path, {"parts": 2})
    client.post(to_bank(client, path=path))
    project.refresh_from_db()
    assert project.next_policy is not None
    assert list(Instalment.objects.values_list("amount", "paid")) == [
        (Decimal(31475), Decimal(31475)), (Decimal(31475), Decimal(0)),
    ]  # fmt: skip
    assert "Следующий взнос, до 6 июня 2027" in text_of(client.get(path))

    bill = operations.bill_instalment(actor=None, now=now, instalment=Instalment.objects.get(number=2))
    assert "взнос 2" in text_of(client.get(f"/pay/{bill.token}/"))
    client.post(to_bank(client, path=f"/pay/{bill.token}/"))
    assert Instalment.objects.get(number=2).paid == Decimal(31475)
    assert "Готово: оплачено" in text_of(client.get(f"/pay/{bill.token}/"))


def test_a_price_made_for_four_payments_is_paid_in_four(vera, kasko, client, now):
    """The tariff asks for the number of payments: another number would be another price."""
    made = prepare_new(
        actor=None, now=now, client=vera, product=kasko, premium=Decimal(40000), start_date=date(2026, 12, 1),
        end_date=date(2027, 11, 30), instalments=4, terms={"answers": {"instalments": "4"}},
    )  # fmt: skip
    path = f"/pay/{made.pay_token}/"
    page = client.get(path).content.decode()
    assert page.count('name="parts"') == 1
    client.post(path, {"parts": 1})
    made.refresh_from_db()
    assert made.instalments == 4


@pytest.mark.parametrize("parts", ["2", "0", "-1", "x", "100000000000"])
def test_osago_is_not_paid_in_parts(project, client, parts):
    client.post(PATH, {"parts": parts})
    project.refresh_from_db()
    assert project.instalments == 1


def test_a_withdrawn_project_takes_no_money(project, client):
    Project.objects.update(state=Project.State.WITHDRAWN)
    client.post(PATH, {"method": "card"})

    assert "Эта цена больше не действует" in text_of(client.get(PATH))
    assert not PayAttempt.objects.exists()


def test_a_cover_that_would_begin_in_the_past_takes_no_money(project, client):
    Project.objects.update(start_date=date(2026, 11, 17))
    client.post(PATH, {"method": "card"})

    page = text_of(client.get(PATH))
    assert "Срок этого счёта прошёл" in page
    assert "17 ноября" in page
    assert not PayAttempt.objects.exists()


def test_an_invoice_that_was_taken_back(vera_policy, anna, client, now):
    bill = operations.bill_sum(
        actor=anna, now=now, policy=vera_policy, amount=Decimal("1200.50"), purpose="Доплата"
    )
    path = f"/pay/{bill.token}/"
    assert "1 200,50 ₽" in text_of(client.get(path))
    operations.withdraw_invoice(actor=anna, now=now, invoice=bill)
    assert "Этот счёт больше не нужно оплачивать" in text_of(client.get(path))
    client.post(path, {"method": "card"})
    assert not PayAttempt.objects.exists()


def test_without_an_acquirer_no_money_is_taken(project, client, settings):
    settings.ACQUIRERS = {"card": "", "sbp": ""}
    client.post(PATH, {"method": "card"})

    page = text_of(client.get(PATH))
    assert "Оплата по ссылке ещё не подключена" in page
    assert "<button" not in page.split("<main")[1].split("</main>")[0]
    assert client.get("/bank/0123/").status_code == 404
    assert not PayAttempt.objects.exists()


def test_an_unknown_token_is_404(project, client):
    for path in ("/pay/k3J9x0Qm2aVt7LsX/", "/pay/k3J9x0Qm2aVt7LsX/state/", "/pay/k3J9x0Qm2aVt7LsX/receipt/"):
        assert client.get(path).status_code == 404
    assert client.post("/pay/k3J9x0Qm2aVt7LsX/").status_code == 404
    assert client.get("/bank/k3J9x0Qm2aVt7LsX/").status_code == 404
    assert not Invoice.objects.exists()


def test_the_receipts_of_what_came_and_of_what_went_back(project, client, now):
    client.post(to_bank(client))
    payment = Payment.objects.get()
    refund = Refund.objects.create(
        payment=payment, amount=40, state="done", way="same", key="r", created_at=now
    )
    Receipt.objects.filter(payment=payment).delete()
    for what, words in (({"payment": payment}, "ЧЕК ПРИХОДА"), ({"refund": refund}, "ЧЕК ВОЗВРАТА")):
        Receipt.objects.create(**what, key=words, state="done", text=words, created_at=now)
    told = text_of(client.get(f"{PATH}receipt/"))
    assert told.index("ЧЕК ПРИХОДА") < told.index("ЧЕК ВОЗВРАТА")
