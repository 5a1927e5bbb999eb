"""A macro answers, notes and acts in one click, all or nothing."""

import pytest
from django.utils import timezone

from clientela.modules.clients.models import Note
from clientela.modules.contacts.models import Macro, Message, Template
from clientela.modules.contacts.operations import store_incoming
from clientela.modules.contacts.operations.macros import WrongMacro, keep_macro
from clientela.modules.contacts.ports import IncomingMessage
from clientela.workspace.inbox.macros import CannotSay, NotAllowedToGo, run_macro


@pytest.fixture
def macro(renewals_manager, now) -> Macro:
    for language, words in (("ru", "{greeting}, спасибо!"), ("en", "{greeting}, thank you!")):
        Template.objects.create(
            code="thanks",
            name="Спасибо",
            channel="sms",
            language=language,
            body=words,
            state="approved",
            created_at=now,
        )
    return keep_macro(
        actor=renewals_manager,
        now=now,
        name="Благодарность",
        code="thanks",
        note="Поблагодарили",
        acts=["done"],
    )


@pytest.fixture
def talk(vera):
    """Vera has just written: an answer may go at any hour."""
    phone, now = vera.contact_points.get(kind="phone").value, timezone.now()
    store_incoming("sms", [IncomingMessage("sms", "x1", phone, "P", "Всё получила", now)], now=now)
    return vera.conversation


def test_one_click_answers_in_the_clients_language_notes_and_finishes(
    macro, talk, vera, anna, sign_in
) -> None:
    type(vera).objects.filter(pk=vera.pk).update(language="en")
    answer = sign_in(anna).post(f"/inbox/{talk.pk}/macros/{macro.pk}/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    sent = Message.objects.get(client=vera, direction="out")
    assert (sent.text, sent.author, sent.verdict["decision"]) == (
        f"{vera.greeting}, thank you!",
        anna,
        "send",
    )
    assert Note.objects.get(client=vera).text == "Поблагодарили"
    talk.refresh_from_db()
    macro.refresh_from_db()
    assert (talk.state, macro.used, Template.objects.get(language="en").used) == ("done", 1, 1)


def test_what_the_policy_refuses_does_nothing_else(macro, talk, vera, anna, now) -> None:
    vera.consents.update(withdrawn_at=now)
    with pytest.raises(NotAllowedToGo):
        run_macro(actor=anna, now=now, talk=talk, macro=macro)
    talk.refresh_from_db()
    assert (talk.state, Note.objects.exists(), Message.objects.filter(direction="out").exists()) == (
        "open",
        False,
        False,
    )
    macro.refresh_from_db()
    assert macro.used == 0


def test_words_that_are_not_written_for_the_channel(macro, talk, anna, now) -> None:
    Template.objects.update(channel="vk")
    with pytest.raises(CannotSay):
        run_macro(actor=anna, now=now, talk=talk, macro=macro)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "A"}, "code"),
        ({"name": "A", "code": "none"}, "code"),
        ({"name": "A", "acts": ["take", "queue"]}, "acts"),
    ],
)
def test_what_a_macro_may_not_be(macro, renewals_manager, now, values, field) -> None:
    with pytest.raises(WrongMacro) as refused:
        keep_macro(actor=renewals_manager, now=now, **values)
    assert refused.value.field == field
    assert Macro.objects.count() == 1
