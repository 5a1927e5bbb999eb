"""A person's mail carries the signatures, and is judged with them."""

from datetime import UTC, datetime

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import queue_message
from clientela.modules.mailboxes.operations import add_mailbox, set_signature

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_a_persons_mail_is_signed_and_judged_with_its_signature(
    administrator, anna, vera, renewals_manager, kazan
) -> None:
    box = add_mailbox(
        actor=administrator, now=NOW, address="kazan@prichal.example", name="Причал Казань", branch=kazan, is_active=True
    )  # fmt: skip
    set_signature(actor=anna, now=NOW, text="{person_name}\n{person_phone}")
    set_signature(
        actor=renewals_manager, now=NOW, text="{company}, {branch_city}\n{branch_phone}", branch=kazan
    )
    message = queue_message(
        now=NOW, actor=anna, client=vera, channel="email", text="Добрый день!", subject="Полис"
    )
    lines = message.text.splitlines()
    assert lines[:6] == [
        "Добрый день!",
        "",
        "-- ",
        "Анна Соколова",
        "+7 917 200-01-01",
        "Причал Страхование, Казань",
    ]
    assert (message.sender, message.mailbox_id) == ('"Причал Казань" <kazan@prichal.example>', box.pk)
    set_signature(actor=anna, now=NOW, text="Пишите на https://elsewhere.example")
    refused = queue_message(
        now=NOW, actor=anna, client=vera, channel="email", text="Добрый день!", subject="Полис"
    )
    assert (refused.state, refused.detail) == (Message.State.DROPPED, "agent_nda")
