"""Acts of the drawer and of the board: what they change, what they refuse, what stays typed."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.rules import Role
from clientela.modules.billing.models import Payment
from clientela.modules.clients.models import Note
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.contracts.operations import prepare_project
from clientela.modules.renewals.models import LossReason, Renewal, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.workspace.renewals.tests.conftest import TODAY
from clientela.workspace.renewals.tests.test_board import plain

HTMX = {"HX-Request": "true", "HX-Target": "modal"}


def post(browser, renewal: Renewal, act: str, **data):
    return browser.post(f"/renewals/{renewal.pk}/{act}/", data, headers=HTMX)


def toast(response) -> dict:
    return json.loads(response.headers["HX-Trigger"])["toast"]


def again(renewal: Renewal) -> Renewal:
    renewal.refresh_from_db()
    return renewal


@pytest.fixture
def browser(sign_in, anna):
    return sign_in(anna)


@pytest.fixture
def project(anna, vera_renewal, now) -> Project:
    return prepare_project(actor=anna, now=now, policy=vera_renewal.policy)


def test_a_dialog_opens_and_says_what_will_happen(browser, vera_renewal):
    html = browser.get(f"/renewals/{vera_renewal.pk}/project/", headers=HTMX).content.decode()

    assert html.lstrip().startswith("<dialog")
    assert "Перенесена цена прошлого срока: 8 533,99 ₽. Другой цене нужна причина." in plain(html)
    assert 'value="8\u00a0533,99"' in html


def test_an_unknown_act_is_not_there(browser, vera_renewal):
    assert browser.get(f"/renewals/{vera_renewal.pk}/magic/").status_code == 404


def test_quote(browser, vera_renewal):
    response = post(
        browser, vera_renewal, "quote", premium="9 120,50", note="с эвакуатором", valid_until="2026-12-01"
    )

    assert response.status_code == 204
    assert set(json.loads(response.headers["HX-Trigger"])) == {"toast", "close-modal", "renewal-changed"}
    assert toast(response) == {"text": "Расчёт сохранён: 9\u00a0120,50\u00a0₽", "kind": "good"}
    quote = Quote.objects.get()
    assert (quote.premium, quote.note, quote.valid_until) == (
        Decimal("9120.50"),
        "с эвакуатором",
        date(2026, 12, 1),
    )
    assert (again(vera_renewal).state, vera_renewal.next_premium) == ("quoted", Decimal("9120.50"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"premium": "дорого"}, "Напишите сумму так: 8 533,99."),
        ({"premium": "0"}, "Напишите сумму больше нуля."),
        ({"premium": "-5"}, "Напишите сумму больше нуля."),
        ({"premium": ""}, "Обязательное поле."),
        ({"premium": "100", "valid_until": "2026-11-17"}, "Выберите сегодня или день позже."),
    ],
)
def test_a_wrong_quote_keeps_what_was_typed(browser, vera_renewal, data, sentence):
    response = post(browser, vera_renewal, "quote", note="моя заметка", **data)
    html = response.content.decode()

    assert response.status_code == 422
    assert sentence in plain(html)
    assert "моя заметка" in html
    assert 'aria-invalid="true"' in html
    assert Quote.objects.count() == 0
    assert again(vera_renewal).state == "nothing"


def test_project_carries_the_price_over(browser, vera_renewal):
    response = post(browser, vera_renewal, "project", premium="8533,99")

    assert response.status_code == 204
    project = Project.objects.get()
    assert (project.premium, project.start_date, project.end_date) == (
        Decimal("8533.99"), date(2026, 12, 6), date(2027, 12, 5),
    )  # fmt: skip
    assert again(vera_renewal).state == "project"


def test_another_price_needs_a_reason_and_may_be_changed(browser, vera_renewal):
    refused = post(browser, vera_renewal, "project", premium="9000")
    assert refused.status_code == 422
    assert "Скажите, почему цена не та, что в прошлом сроке." in plain(refused.content.decode())
    assert Project.objects.count() == 0

    post(browser, vera_renewal, "project", premium="9000", reason="новый водитель")
    post(browser, vera_renewal, "project", premium="8800", reason="скидка")
    project = Project.objects.get()
    assert (project.premium, project.adjustment_reason) == (Decimal("8800"), "скидка")
    assert again(vera_renewal).next_premium == Decimal("8800")


def test_a_project_drops_the_touches_it_makes_needless(browser, shipped, vera_renewal, now):
    plan_day(day=TODAY, now=now)
    post(browser, vera_renewal, "project", premium="8533,99")

    assert list(Touch.objects.order_by("channel").values_list("channel", "state", "reason")) == [
        ("email", "planned", ""), ("operator", "dropped", "has_project"), ("robot", "planned", ""),
    ]  # fmt: skip


def test_offer_goes_with_the_pay_link(browser, vera_renewal, project):
    dialog = browser.get(f"/renewals/{vera_renewal.pk}/offer/", headers=HTMX).content.decode()
    assert "Клиент получит цену, 8 533,99 ₽, и ссылку на оплату." in plain(dialog)
    assert 'value="vk"' not in dialog
    response = post(browser, vera_renewal, "offer", channel="email")

    assert response.status_code == 204
    message = Message.objects.get()
    assert (message.channel, message.address) == ("email", "vera.orlova@mail.example")
    assert f"/pay/{project.pay_token}/" in message.text
    project.refresh_from_db()
    assert project.state == "offered"


def test_an_offer_without_a_project_asks_for_one_first(browser, vera_renewal):
    html = browser.get(f"/renewals/{vera_renewal.pk}/offer/", headers=HTMX).content.decode()

    assert "Проекта ещё нет: сначала подготовьте его, потом отправьте." in plain(html)
    assert f'hx-get="/renewals/{vera_renewal.pk}/project/"' in html
    assert post(browser, vera_renewal, "offer", channel="sms").status_code == 422
    assert Message.objects.count() == 0


def test_the_policy_of_communication_has_the_last_word(browser, vera_renewal, project):
    Consent.objects.filter(channel="sms").delete()
    response = post(browser, vera_renewal, "offer", channel="sms")

    assert response.status_code == 422
    assert "Политика коммуникаций не пропускает." in plain(response.content.decode())
    project.refresh_from_db()
    assert project.state == "open"


def test_a_payment_in_full_issues_the_policy(browser, vera_renewal, project):
    dialog = plain(browser.get(f"/renewals/{vera_renewal.pk}/payment/", headers=HTMX).content.decode())
    assert "К оплате за следующий срок: 8 533,99 ₽." in dialog
    response = post(browser, vera_renewal, "payment", amount="8 533,99", method="cash")

    issued = Policy.objects.get(previous=vera_renewal.policy)
    assert toast(response)["text"] == f"Оплачено полностью, выпущен полис {issued.number}"
    assert Payment.objects.get().amount == Decimal("8533.99")
    assert again(vera_renewal).state == "paid"


def test_a_part_leaves_the_rest_and_more_is_refused(browser, vera_renewal, project):
    part = post(browser, vera_renewal, "payment", amount="5000", method="sbp")
    assert toast(part)["text"] == "Платёж записан, осталось 3\u00a0533,99\u00a0₽"
    more = post(browser, vera_renewal, "payment", amount="5000", method="sbp")

    assert more.status_code == 422
    assert "Больше, чем нужно: осталось оплатить 3 533,99 ₽." in plain(more.content.decode())
    assert Payment.objects.count() == 1
    assert again(vera_renewal).state == "project"


def test_loss_stops_the_plan_and_can_be_taken_back(browser, shipped, vera_renewal, now):
    plan_day(day=TODAY, now=now)
    reason = LossReason.objects.get(code="sold")
    response = post(browser, vera_renewal, "loss", reason=reason.pk, note="продала весной")

    undo = f"/renewals/{vera_renewal.pk}/reopening/"
    assert toast(response) == {"text": "Отмечен как потерянный, план снят", "kind": "good", "undo_url": undo}
    assert (again(vera_renewal).state, vera_renewal.lost_reason) == ("lost", reason)
    assert set(Touch.objects.values_list("state", "reason")) == {("dropped", "lost")}
    assert Entry.objects.get(action="renewal.lost").reason == "продала весной"
    browser.post(undo, headers=HTMX)
    assert (again(vera_renewal).state, vera_renewal.lost_reason) == ("nothing", None)
    assert set(Touch.objects.values_list("state", "reason")) == {("planned", "")}


def test_loss_needs_a_reason(browser, shipped, vera_renewal):
    response = post(browser, vera_renewal, "loss", note="не скажу")

    assert response.status_code == 422
    assert "не скажу" in response.content.decode()
    assert again(vera_renewal).state == "nothing"


def test_hold_until_a_day_and_let_go(browser, vera_renewal):
    response = post(browser, vera_renewal, "hold", until="2026-11-25", reason="в больнице")

    assert toast(response)["text"] == "До 25\u00a0ноября ничего не уйдёт"
    assert (again(vera_renewal).held_until, vera_renewal.held_reason) == (date(2026, 11, 25), "в больнице")
    browser.post(toast(response)["undo_url"], headers=HTMX)
    assert again(vera_renewal).held_until is None


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("2026-11-17", "Выберите сегодня или день позже."),
        ("2026-12-06", "Договор кончится раньше этого дня."),
        ("скоро", "Введите правильную дату."),
    ],
)
def test_hold_refuses_other_days(browser, vera_renewal, until, sentence):
    response = post(browser, vera_renewal, "hold", until=until)

    assert response.status_code == 422
    assert sentence in plain(response.content.decode())
    assert again(vera_renewal).held_until is None


def test_note(browser, anna, vera_renewal):
    assert post(browser, vera_renewal, "note", text="   ").status_code == 422
    assert Note.objects.count() == 0
    assert post(browser, vera_renewal, "note", text="Звонить после 18").status_code == 204
    assert list(Note.objects.values_list("text", "author", "client")) == [
        ("Звонить после 18", anna.pk, vera_renewal.client_id)
    ]


def test_opting_out_of_a_channel(browser, vera_renewal):
    dialog = browser.get(f"/renewals/{vera_renewal.pk}/opt-out/", headers=HTMX).content.decode()
    assert 'value="sms"' in dialog
    assert 'value="vk"' not in dialog
    assert post(browser, vera_renewal, "opt-out").status_code == 422
    assert Consent.objects.filter(withdrawn_at__isnull=False).count() == 0

    post(browser, vera_renewal, "opt-out", channels=["sms", "call"])
    left = Consent.objects.filter(client=vera_renewal.client, withdrawn_at__isnull=True)
    assert list(left.values_list("channel", flat=True)) == ["email"]
    assert again(vera_renewal).reach == 2


def test_how_a_call_went(browser, shipped, vera_renewal, now):
    plan_day(day=TODAY, now=now)
    touch = vera_renewal.touches.get(channel="operator")
    url = f"/renewals/{vera_renewal.pk}/calls/{touch.pk}/"
    assert browser.post(url, {"note": "а что"}, headers=HTMX).status_code == 422
    response = browser.post(url, {"outcome": "will_renew", "note": "в пятницу"}, headers=HTMX)

    assert response.status_code == 204
    touch.refresh_from_db()
    assert (touch.state, touch.reason_detail) == ("done", "Продлит: в пятницу")
    second = browser.post(url, {"outcome": "no_answer"}, headers=HTMX)
    assert second.status_code == 422


def test_a_call_of_another_term_is_not_there(browser, shipped, vera_renewal, boris_renewal, now):
    plan_day(day=TODAY, now=now)
    foreign = Touch.objects.create(
        renewal=boris_renewal, step_key="x", term_end=boris_renewal.end_date, day=17, channel="operator", due_on=TODAY,
        due_at=now, created_at=now,
    )  # fmt: skip

    assert browser.get(f"/renewals/{vera_renewal.pk}/calls/{foreign.pk}/").status_code == 404


def test_without_scripts_a_form_is_a_page_and_ends_on_the_term(browser, vera_renewal):
    url = f"/renewals/{vera_renewal.pk}/quote/"
    page = browser.get(url).content.decode()
    assert "<html" in page
    assert f'action="{url}"' in page
    wrong = browser.post(url, {"premium": "x", "note": "осталась"})
    assert wrong.status_code == 422
    assert "осталась" in wrong.content.decode()
    right = browser.post(url, {"premium": "9000"})
    assert (right.status_code, right.headers["Location"]) == (302, f"/renewals/{vera_renewal.pk}/")


def test_readers_may_not_act(sign_in, auditor, marketer, shipped, vera_renewal):
    reason = LossReason.objects.first()
    acts = {
        "quote": {"premium": "1"}, "project": {"premium": "8533,99"}, "payment": {"amount": "1", "method": "cash"},
        "loss": {"reason": reason.pk}, "hold": {"until": "2026-11-25"}, "note": {"text": "а"},
        "opt-out": {"channels": "sms"}, "offer": {"channel": "sms"}, "release": {}, "reopening": {},
    }  # fmt: skip
    before = Renewal.objects.values().get()
    for person in (auditor, marketer):
        for act, data in acts.items():
            assert post(sign_in(person), vera_renewal, act, **data).status_code == 403, act
        assert (
            sign_in(person)
            .post("/renewals/bulk/lost/", {"ids": vera_renewal.pk, "reason": reason.pk})
            .status_code
            == 403
        )
    assert Renewal.objects.values().get() == before
    assert (
        Quote.objects.count(),
        Project.objects.count(),
        Note.objects.count(),
        Payment.objects.count(),
    ) == (0, 0, 0, 0)
    assert Entry.objects.count() == 0


def test_boris_cannot_act_on_annas_term(sign_in, boris, shipped, vera_renewal):
    browser, reason = sign_in(boris), LossReason.objects.first()

    assert post(browser, vera_renewal, "loss", reason=reason.pk).status_code == 404
    assert post(browser, vera_renewal, "reopening").status_code == 404
    bulk = browser.post("/renewals/bulk/lost/", {"ids": vera_renewal.pk, "reason": reason.pk}, headers=HTMX)
    assert "Ничего не выбрано." in bulk.content.decode()
    assert again(vera_renewal).state == "nothing"


def test_bulk_asks_once_and_acts_on_each(browser, shipped, board):
    ids = [board[name].pk for name in ("nothing", "quoted", "foreign")]
    dialog = browser.get("/renewals/bulk/lost/", {"ids": ids}, headers=HTMX).content.decode()
    assert "Отметить потерянными 2 договора" in plain(dialog)
    assert f'name="ids" value="{board["foreign"].pk}"' not in dialog
    reason = LossReason.objects.get(code="too-dear")
    response = browser.post("/renewals/bulk/lost/", {"ids": ids, "reason": reason.pk}, headers=HTMX)

    assert response.status_code == 204
    assert set(json.loads(response.headers["HX-Trigger"])) == {
        "toast", "close-modal", "clear-selection", "renewal-changed",
    }  # fmt: skip
    assert toast(response)["text"] == "2 договора отмечены потерянными"
    lost = Renewal.objects.filter(state="lost", lost_reason=reason).order_by("pk")
    assert [term.pk for term in lost] == ids[:2]


def test_bulk_hold_leaves_what_ends_earlier(browser, board):
    ids = [board[name].pk for name in ("nothing", "quoted")]
    wrong = browser.post("/renewals/bulk/hold/", {"ids": ids, "until": "2026-11-01"}, headers=HTMX)
    assert wrong.status_code == 422
    assert f'value="{ids[0]}"' in wrong.content.decode()
    response = browser.post("/renewals/bulk/hold/", {"ids": ids, "until": "2026-11-25"}, headers=HTMX)

    assert toast(response) == {"text": "Придержан план 1 договора. 1 остался как был", "kind": "warn"}
    assert (again(board["nothing"]).held_until, again(board["quoted"]).held_until) == (
        None,
        TODAY + timedelta(days=7),
    )
    browser.post("/renewals/bulk/release/", {"ids": ids}, headers=HTMX)
    assert again(board["quoted"]).held_until is None


def test_an_operator_may_act_for_the_agents_of_the_centre(sign_in, make_user, centre_operator, vera_renewal):
    assert post(sign_in(centre_operator), vera_renewal, "hold", until="2026-11-20").status_code == 204
    nobody = make_user(Role.CENTRE_OPERATOR, "Без", "Места")
    assert post(sign_in(nobody), vera_renewal, "hold", until="2026-11-20").status_code == 404
