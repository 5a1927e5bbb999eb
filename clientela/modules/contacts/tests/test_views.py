import pytest
from django.core.files.base import ContentFile

from clientela.modules.contacts.models import CommunicationPolicy, Message, MessageFile, Template
from clientela.modules.contacts.operations import deliver, draft_template, queue_message, withdraw_consent
from clientela.modules.contacts.tests.network import Network

FORM = {
    "name": "Предложение", "code": "offer", "channel": "sms", "language": "ru", "purpose": "service",
    "subject": "", "body": "{greeting}, Ваш полис заканчивается {end_date}",
}  # fmt: skip
RULES = {
    "weekday_from": "09:00", "weekday_to": "20:00", "weekend_from": "10:00", "weekend_to": "19:00",
    "service_day": "3", "service_week": "", "advertising_day": "0", "advertising_week": "2",
    "nda_patterns": "наш\\w* офис\n\n8 ?800",
}  # fmt: skip


@pytest.fixture
def draft(administrator, now):
    return draft_template(
        actor=administrator, now=now, code="offer", name="Предложение", channel="sms", body=FORM["body"]
    )


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


# -- templates


def test_a_template_is_written_by_one_and_approved_by_another(sign_in, renewals_manager, administrator, vera):
    author, colleague = sign_in(renewals_manager), sign_in(administrator)
    answer = author.post("/contacts/templates/new/", FORM)
    template = Template.objects.get()
    assert answer.headers["Location"] == f"/contacts/templates/{template.pk}/"
    assert (template.state, template.author, template.code) == ("draft", renewals_manager, "offer")

    own = author.post(f"/contacts/templates/{template.pk}/approval/", follow=True)
    assert "Кто писал текст, тот его не утверждает" in text_of(own)
    template.refresh_from_db()
    assert template.state == "draft"

    colleague.post(f"/contacts/templates/{template.pk}/approval/")
    template.refresh_from_db()
    assert (template.state, template.approved_by) == ("approved", administrator)
    assert "Предложение" in text_of(author.get("/contacts/templates/?state=approved"))


def test_what_was_typed_stays_when_something_is_wrong(sign_in, renewals_manager):
    answer = sign_in(renewals_manager).post(
        "/contacts/templates/new/", FORM | {"body": "{greeting}, {agent}"}
    )

    assert answer.status_code == 422
    assert "Переменной {agent} нет" in text_of(answer)
    assert "{greeting}, {agent}</textarea>" in text_of(answer)
    assert not Template.objects.exists()


def test_a_draft_is_changed_and_an_approved_one_is_not(sign_in, renewals_manager, draft):
    browser = sign_in(renewals_manager)
    path = f"/contacts/templates/{draft.pk}/"
    browser.post(path, FORM | {"body": "Новый текст"})
    draft.refresh_from_db()
    assert (draft.body, draft.author) == ("Новый текст", renewals_manager)

    Template.objects.update(state="approved")
    answer = browser.post(path, FORM | {"body": "Ещё один"})
    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.body == "Новый текст"


def test_a_new_version_opens_the_draft_that_is_there(sign_in, renewals_manager, draft):
    browser = sign_in(renewals_manager)
    Template.objects.update(state="approved")
    first = browser.post(f"/contacts/templates/{draft.pk}/versions/")
    again = browser.post(f"/contacts/templates/{draft.pk}/versions/")

    assert first.headers["Location"] == again.headers["Location"]
    assert Template.objects.filter(state="draft").count() == 1


def test_retiring(sign_in, renewals_manager, draft):
    browser = sign_in(renewals_manager)
    browser.post(f"/contacts/templates/{draft.pk}/retirement/")

    draft.refresh_from_db()
    assert draft.state == "retired"
    assert "Предложение" not in text_of(browser.get("/contacts/templates/"))
    assert "Предложение" in text_of(browser.get("/contacts/templates/?state=retired"))


def test_the_preview_shows_a_real_client_of_the_person(
    sign_in, renewals_manager, vera, boris_client, time_machine_day
):
    browser = sign_in(renewals_manager)
    first = text_of(browser.post("/contacts/templates/preview/", FORM))
    assert "Вера Николаевна, Ваш полис заканчивается 05.12.26" in first
    assert "49 знаков · 1 SMS" in first
    assert "Уйдёт" in first

    second = text_of(
        browser.post("/contacts/templates/preview/?next=1", FORM | {"client": vera.pk, "next": "1"})
    )
    assert "Глеб Петрович, Ваш полис заканчивается" in second
    broken = text_of(browser.post("/contacts/templates/preview/", FORM | {"body": "{x}", "client": "zzz"}))
    assert "Переменной {x} нет" in broken


@pytest.fixture
def time_machine_day(now):
    import time_machine

    with time_machine.travel(now, tick=False):
        yield


def test_an_agent_sees_neither_templates_nor_the_policy(sign_in, anna, draft):
    browser = sign_in(anna)
    paths = ["", "new/", f"{draft.pk}/"]
    found = [browser.get(f"/contacts/templates/{path}").status_code for path in paths]
    found.append(browser.get("/contacts/policy/").status_code)
    for path in ("approval", "retirement", "versions"):
        found.append(browser.post(f"/contacts/templates/{draft.pk}/{path}/").status_code)
    found.append(browser.post("/contacts/policy/", RULES).status_code)
    found.append(browser.post("/contacts/templates/preview/", FORM).status_code)

    assert set(found) == {403}
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert not CommunicationPolicy.objects.exists()


def test_an_auditor_looks_but_changes_nothing(sign_in, auditor, draft):
    browser = sign_in(auditor)
    assert browser.get(f"/contacts/templates/{draft.pk}/").status_code == 200
    assert browser.get("/contacts/policy/").status_code == 200
    assert browser.post(f"/contacts/templates/{draft.pk}/", FORM | {"body": "x"}).status_code == 403
    assert browser.post("/contacts/policy/", RULES).status_code == 403

    draft.refresh_from_db()
    assert draft.body == FORM["body"]
    assert not CommunicationPolicy.objects.exists()


def test_a_page_of_templates_takes_a_fixed_number_of_statements(
    sign_in, renewals_manager, administrator, now, django_assert_max_num_queries
):
    for number in range(30):
        draft_template(
            actor=administrator, now=now, code=f"t{number}", name="Т", channel="sms", body="{greeting}"
        )
    browser = sign_in(renewals_manager)
    browser.get("/contacts/templates/")
    with django_assert_max_num_queries(10):
        browser.get("/contacts/templates/")


# -- the policy


def test_the_policy_is_put_in_force_and_its_history_stays(sign_in, renewals_manager):
    browser = sign_in(renewals_manager)
    browser.post("/contacts/policy/", RULES)
    answer = browser.post("/contacts/policy/", RULES | {"weekday_to": "21:00"}, follow=True)

    old, new = CommunicationPolicy.objects.order_by("id")
    assert (f"{old.weekday_to:%H:%M}", f"{new.weekday_to:%H:%M}") == ("20:00", "21:00")
    assert new.caps == {"service": {"day": 3}, "advertising": {"day": 0, "week": 2}}
    assert new.nda_patterns == ["наш\\w* офис", "8 ?800"]
    page = text_of(answer)
    assert "09:00–20:00" in page
    assert "3 / ∞" in page
    assert "0 / 2" in page
    assert "Марина Белова" in page


def test_a_wrong_expression_is_told_and_nothing_changes(sign_in, renewals_manager):
    answer = sign_in(renewals_manager).post("/contacts/policy/", RULES | {"nda_patterns": "офис("})

    assert answer.status_code == 422
    assert "Это не регулярное выражение: офис(" in text_of(answer)
    assert "офис(</textarea>" in text_of(answer)
    assert not CommunicationPolicy.objects.exists()


# -- why


def test_why_a_message_waits(sign_in, anna, vera, now):
    message = queue_message(now=now.replace(hour=22), actor=anna, client=vera, channel="sms", text="Полис")
    page = text_of(sign_in(anna).get(f"/contacts/messages/{message.pk}/verdict/"))

    assert "Подождёт" in page
    assert "22:42 у клиента: тихие часы, сообщения идут 09:00–21:00" in page
    assert "Согласие на SMS по договору" in page
    assert "Написал: Анна Соколова" in page


def test_why_a_message_did_not_go(sign_in, anna, vera, now):
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис")
    withdraw_consent(actor=None, now=now, client=vera, purpose="service", channel="sms")
    page = text_of(sign_in(anna).get(f"/contacts/messages/{message.pk}/verdict/"))

    assert "Не уйдёт" in page
    assert "Нет согласия на SMS по договору" in page


def test_a_message_that_went_keeps_its_checks(sign_in, anna, vera, now):
    message = queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис")
    deliver("sms", Network(), worker="w1", now=now)
    page = text_of(sign_in(anna).get(f"/contacts/messages/{message.pk}/verdict/"))

    assert "Отправлено" in page
    assert "10:42 у клиента: время для сообщений 09:00–21:00" in page


def test_a_foreign_message_and_its_file_are_404(sign_in, anna, boris_client, vera, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    browser = sign_in(anna)
    answers = {}
    for name, client in (("own", vera), ("foreign", boris_client)):
        message = Message.objects.create(
            direction="in",
            channel="email",
            client=client,
            text="x",
            state="received",
            not_before=now,
            created_at=now,
        )
        row = MessageFile.objects.create(
            message=message, file=ContentFile(b"<script>", name="a.html"), name="a.html",
            content_type="text/html", size=8,
        )  # fmt: skip
        answers[name] = [
            browser.get(f"/contacts/messages/{message.pk}/verdict/"), browser.get(f"/contacts/files/{row.pk}/"),
        ]  # fmt: skip

    assert [answer.status_code for answer in answers["foreign"]] == [404, 404]
    verdict, file = answers["own"]
    assert (verdict.status_code, file.status_code) == (200, 200)
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["Content-Disposition"] == 'attachment; filename="a.html"'
    assert b"".join(file.streaming_content) == b"<script>"
