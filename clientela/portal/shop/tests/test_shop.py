"""Each product from the shelf to the paid policy, and what protects those who are known already."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from clientela.modules.bonus_malus.ports import RegistryDown
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contacts.operations import deliver
from clientela.modules.contacts.tests.network import Network
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.documents.events import DocumentReady
from clientela.modules.documents.models import Document
from clientela.modules.documents.operations.making import make
from clientela.modules.quotes.models import Calculation
from clientela.modules.requests.models import Request
from clientela.portal.shop import operations
from clientela.portal.shop.handlers import on_document_ready
from clientela.portal.shop.models import Purchase

CAR = {
    "make": "LADA",
    "model": "Vesta",
    "year": "2020",
    "power": "106",
    "plate": "a 123 bc 777",
    "vin": "XTA GFL110 L1234567",
    "use": "private",
    "territory": "kazan",
    "starts_on": "01122026",
}
DRIVER = {
    "agree_personal": "on",
    "form-TOTAL_FORMS": "1",
    "form-INITIAL_FORMS": "0",
    "form-0-last_name": "Новикова",
    "form-0-first_name": "Ольга",
    "form-0-middle_name": "Петровна",
    "form-0-birth_date": "12.04.1986",
    "form-0-licence": "99 12 345678",
    "form-0-experience_since": "1/6/2010",
}
PERSON = {
    "last_name": "Новикова",
    "first_name": "Ольга",
    "middle_name": "Петровна",
    "birth_date": "12.04.86",
    "passport": "9208 123456",
    "phone": "8 (917) 555-10-20",
    "email": "Olga@mail.example",
    "agree_personal": "on",
    "agree_service": "on",
}
TRIP = {"zone": "europe", "days": "7", "sport": "none", "starts_on": "2026-12-05"}
HOME = {
    "address": "Казань, ул. Баумана, 5",
    "object": "flat",
    "wall": "brick",
    "built": "2012",
    "sum_finish": "500 000",
    "sum_liability": "300000",
    "starts_on": "01.12.2026",
    "period_months": "12",
    "past_claims": "0",
}
NEW_CAR = {
    "make": "Hyundai",
    "model": "Creta",
    "vin": "XTA210990Y2765432",
    "year": "2026",
    "sum_insured": "2 000 000",
    "territory": "kazan",
    "programme": "full",
    "starts_on": "01.12.2026",
    "period_months": "12",
}
TRAVELLER = {
    "agree_personal": "on",
    "form-TOTAL_FORMS": "1",
    "form-INITIAL_FORMS": "0",
    "form-0-name": "OLGA NOVIKOVA",
    "form-0-birth_date": "12.04.1986",
}


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def sent(client, path, data, *, status=302):
    answer = client.post(path, data)
    assert answer.status_code == status, (
        re.findall(r'class="err"[^>]*>.*?</svg>(.*?)<', answer.content.decode()) or text_of(answer)[-2500:]
    )
    return answer.headers.get("Location", "")


def until_you(client, line, facts, people=None):
    """From the first step to the form of the policyholder; its address."""
    path = sent(client, f"/shop/{line}/", facts)
    if people is not None:
        path = sent(client, path, people)
    assert "/price/" in path
    page = text_of(client.get(path))
    assert "Купить по этой цене" in page, page[-3000:]
    return sent(client, path, {})


def until_check(client, path, person=PERSON):
    path = sent(client, path, person)
    page = text_of(client.get(path))
    return sent(client, path, {"code": re.search(r'id="demo-code">(\d{6})<', page)[1]})


def pay(client, path):
    page = text_of(client.get(path))
    assert "Всё верно" in page, page[-3000:]
    shown = re.search(r'name="premium" value="([\d.]+)"', page)[1]
    path = sent(client, path, {"premium": shown})
    assert re.fullmatch(r"/pay/[\w-]+/", path)
    bank = client.post(path, {"method": "sbp"}, headers={"HX-Request": "true"}).headers["HX-Redirect"]
    client.post(bank.removeprefix("http://127.0.0.1:8000"))
    return Policy.objects.get(), path


FLOWS = [
    ("osago", CAR, DRIVER, date(2027, 11, 30)), ("travel", TRIP, TRAVELLER, date(2026, 12, 11)),
    ("property", HOME, None, date(2027, 11, 30)), ("kasko", NEW_CAR, DRIVER, date(2027, 11, 30)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "facts", "people", "ends"), FLOWS, ids=[one[0] for one in FLOWS])
def test_from_the_shelf_to_the_policy(shop, client, now, line, facts, people, ends):
    assert f'href="/shop/{line}/"' in text_of(client.get("/shop/"))
    path = until_check(client, until_you(client, line, facts, people))
    policy, pay_path = pay(client, path)
    assert (policy.sales_channel, policy.end_date, policy.agent) == ("web", ends, None)
    card = policy.client
    assert (card.name, card.birth_date) == ("Новикова Ольга Петровна", date(1986, 4, 12))
    assert set(ContactPoint.objects.values_list("value", flat=True)) == {"+79175551020", "olga@mail.example"}
    assert ContactPoint.objects.get(kind="phone").verified_at == now
    assert set(Consent.objects.values_list("purpose", "channel", "text_version")) == {
        ("service", channel, "shop-service-1") for channel in ("sms", "email", "call")
    }  # fmt: skip
    purchase = Purchase.objects.get()
    shown = purchase.shown_premium
    assert policy.premium == shown > 0
    for name in ("Новикова", "9208", "79175551020"):
        assert name not in path + pay_path
    done = f"/shop/go/{purchase.token}/done/"
    assert policy.number[-6:] in text_of(client.get(done))
    assert done in text_of(client.get(pay_path.replace("/pay/", "/shop/paid/")))


def test_the_policy_is_downloaded_and_mailed_once(shop, client, now):
    policy, _ = pay(client, until_check(client, until_you(client, "travel", TRIP, TRAVELLER)))
    purchase = Purchase.objects.get()
    file = f"/shop/go/{purchase.token}/policy.pdf"
    assert client.get(file).status_code == 404
    from clientela.modules.contracts.models import PolicyVersion
    from clientela.modules.documents.operations import ask_document
    from clientela.modules.documents.operations.shipped import load_shipped as load_templates

    load_templates(now=now)
    paper = ask_document(
        actor=None, now=now, kind="policy", policy=policy, version=PolicyVersion.objects.get()
    )
    paper = make(document_id=paper.pk, now=now)
    assert paper.state == Document.State.READY, paper.fault
    event = DocumentReady(paper.pk, policy.client_id, policy.pk, paper.state)
    on_document_ready(event, now=now)
    on_document_ready(event, now=now)
    mail = Message.objects.get(channel="email")
    assert (mail.address, mail.detail) == ("olga@mail.example", "")
    assert f"/shop/go/{purchase.token}/" in mail.text
    answer = client.get(file)
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert client.get(f"/shop/go/{purchase.token}/state/?for=policy").headers["HX-Refresh"] == "true"


def test_what_was_typed_is_kept_and_errors_stand_at_their_fields(shop, client):
    answer = client.post("/shop/osago/", CAR | {"plate": "??", "power": "сто", "starts_on": "32.13.2026"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert not Purchase.objects.exists()
    assert 'value="LADA"' in page
    assert page.count('class="err"') == 3
    path = sent(client, "/shop/osago/", CAR)
    assert sent(client, path, DRIVER | {"more": "1"}, status=200) == ""
    page = text_of(client.post(path, DRIVER | {"more": "1"}))
    assert 'value="Новикова"' in page
    assert 'name="form-1-last_name"' in page
    back = path.replace("/drivers/", "/facts/")
    assert 'value="Vesta"' in text_of(client.get(back))
    assert client.get(path.replace("/drivers/", "/check/")).headers["Location"] == path


def test_the_class_is_asked_by_itself_and_waited_for_in_sight(shop, client, monkeypatch):
    from clientela.modules.bonus_malus.local import LocalRegistry

    def away(self, key, on):
        raise RegistryDown("away")

    monkeypatch.setattr(LocalRegistry, "ask", away)
    path = sent(client, sent(client, "/shop/osago/", CAR), DRIVER)
    page = text_of(client.get(path))
    assert "Запрашиваем" in page
    assert "Купить по этой цене" not in page
    state = path.replace("/price/", "/state/")
    assert client.get(state).status_code == 204
    monkeypatch.undo()
    shop.shift(timedelta(minutes=2))
    assert client.get(state).headers["HX-Refresh"] == "true"
    assert "Купить по этой цене" in text_of(client.get(path))


def test_a_way_to_buy_changes_the_price(shop, client):
    path = sent(client, sent(client, "/shop/osago/", CAR), DRIVER)
    page = text_of(client.post(path, {"choose": "1", "choice": "6"}))
    assert Purchase.objects.get().answers["months_of_use"] == 6
    assert re.search(r'value="6"[^>]*checked', page)
    client.post(path, {"choose": "1", "choice": "1; drop"})
    assert Purchase.objects.get().answers["months_of_use"] == 6


KNOWN = {
    "last_name": "Орлова",
    "first_name": "Вера",
    "middle_name": "Николаевна",
    "birth_date": "12.04.1984",
    "phone": "+7 917 000-41-08",
}


@pytest.fixture
def known(vera):
    vera.birth_date = date(1984, 4, 12)
    vera.save(update_fields=["birth_date"])
    return vera


def test_a_known_client_keeps_the_agent_and_nothing_is_shown_before_the_code(shop, client, known):
    path = until_you(client, "travel", TRIP, TRAVELLER)
    path = sent(client, path, PERSON | KNOWN)
    page = text_of(client.get(path))
    assert "Соколова" not in page
    assert not Calculation.objects.exists()
    path = sent(client, path, {"code": re.search(r'id="demo-code">(\d{6})<', page)[1]})
    policy, _ = pay(client, path)
    assert (policy.client, policy.agent, policy.sales_channel) == (known, known.agent, "web")


@pytest.mark.parametrize("differs", [{"last_name": "Иванова"}, {"birth_date": "13.04.1984"}])
def test_the_phone_of_somebody_else_opens_no_card(shop, client, known, differs):
    path = until_you(client, "travel", TRIP, TRAVELLER)
    policy, pay_path = pay(client, until_check(client, path, PERSON | KNOWN | differs))
    assert policy.client != known
    assert policy.agent is None
    assert "Соколова" not in text_of(client.get(pay_path))


def test_a_code_is_tried_five_times_and_asked_for_once_a_minute(shop, client):
    path = sent(client, until_you(client, "travel", TRIP, TRAVELLER), PERSON)
    code = re.search(r'id="demo-code">(\d{6})<', text_of(client.get(path)))[1]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        sent(client, path, {"code": wrong}, status=422)
    sent(client, path, {"code": code}, status=422)
    assert not Client.objects.exists()
    assert "через минуту" in text_of(client.post(path, {"again": "1"}))
    assert Message.objects.get().state == "queued"
    assert code not in Message.objects.get().text
    shop.shift(timedelta(minutes=2))
    client.post(path, {"again": "1"})
    assert Message.objects.count() == 2
    shop.shift(timedelta(minutes=11))
    assert client.get(path).status_code == 200
    assert not Client.objects.exists()


def test_what_the_rules_refer_becomes_a_request(shop, client):
    path = sent(client, sent(client, "/shop/osago/", CAR | {"use": "taxi"}), DRIVER)
    assert "коллега" in text_of(client.get(path)).lower()
    path = sent(client, path, {})
    assert path.endswith("/call/")
    sent(client, path, {"name": "Ольга", "phone": "89175551020", "agreed": "on"})
    sent(client, path, {"name": "Ольга", "phone": "89175551020", "agreed": "on"})
    request = Request.objects.get()
    assert (request.phone, request.source, request.product.line) == ("+79175551020", "web", "osago")
    assert "Такси" in request.text


def test_left_half_way_becomes_a_request_once(shop, client, now):
    sent(client, until_you(client, "travel", TRIP, TRAVELLER), PERSON)
    assert operations.left(now=now + timedelta(minutes=29)) == 0
    later = now + timedelta(minutes=31)
    assert (operations.left(now=later), operations.left(now=later)) == (1, 0)
    assert Request.objects.get().name == "Новикова Ольга Петровна"
    assert not Consent.objects.exists()


def test_without_a_contact_nothing_is_left(shop, client, now):
    until_you(client, "travel", TRIP, TRAVELLER)
    assert operations.left(now=now + timedelta(hours=1)) == 0
    assert operations.forget(now=now + timedelta(days=15)) == 1


def test_the_link_goes_to_the_own_phone_and_leads_back(shop, client):
    path = sent(client, "/shop/travel/", TRIP)
    later = path.replace("/people/", "/later/")
    sent(client, later, {"where": "8 917 555 10 20", "agreed": "on"})
    message = Message.objects.get()
    assert (message.address, Purchase.objects.get().token in message.text) == ("+79175551020", False)
    network = Network()
    deliver("sms", network, worker="w", now=timezone.now())
    assert f"/shop/go/{Purchase.objects.get().token}/" in network.got[0].text
    assert client.get(path.replace("people/", "")).headers["Location"] == path


def test_another_browser_with_the_link_is_not_shown_the_document(shop, client):
    from django.test import Client as Browser

    path = until_you(client, "travel", TRIP, TRAVELLER)
    sent(client, path, PERSON)
    assert "123456" in text_of(client.get(path))
    page = text_of(Browser().get(path))
    assert "123456" not in page
    assert "Новикова" not in page


def test_the_price_that_moved_is_shown_again(shop, client):
    path = until_check(client, until_you(client, "travel", TRIP, TRAVELLER))
    client.get(path)
    answer = client.post(path, {"premium": "1.00"})
    assert answer.status_code == 422
    assert not Project.objects.exists()


def test_limits_and_the_trap(shop, client):
    assert client.post("/shop/travel/", TRIP | {"website": "x"}).headers["Location"] == "/shop/"
    assert not Purchase.objects.exists()
    for _ in range(30):
        sent(client, "/shop/travel/", TRIP)
    sent(client, "/shop/travel/", TRIP, status=422)
    assert Purchase.objects.count() == 30


def test_nothing_is_guessed(shop, client):
    path = sent(client, "/shop/travel/", TRIP)
    assert len(Purchase.objects.get().token) == 43
    for wrong in (
        "/shop/go/x/",
        "/shop/go/x/price/",
        "/shop/life/",
        "/shop/consent/x/",
        path.replace("people", "drivers"),
        path.replace("people", "x"),
    ):
        assert client.get(wrong).status_code == 404, wrong
    shop.shift(timedelta(days=15))
    assert client.get(path).status_code == 404
