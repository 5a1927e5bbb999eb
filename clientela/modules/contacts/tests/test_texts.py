import pytest
from django.utils import translation

from clientela.modules.contacts.rules import (
    SAMPLE_VALUES,
    VARIABLES,
    Check,
    SmsSize,
    StrayBrace,
    UnknownVariable,
    describe,
    foreign_links,
    is_stop,
    render,
    sms_size,
    variables_in,
)
from clientela.modules.contacts.rules.links import links_in


def test_variables_are_filled() -> None:
    text = "{greeting}, Ваш полис № {number} заканчивается {end_date}."

    assert (
        render(text, SAMPLE_VALUES) == "Вера Николаевна, Ваш полис № ХХХ 0412773905 заканчивается 05.12.26."
    )
    assert variables_in(text + "{greeting}") == ["greeting", "number", "end_date"]


def test_a_value_is_not_read_as_a_text_with_variables() -> None:
    assert render("{greeting}", {"greeting": "{number}"}) == "{number}"


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(UnknownVariable) as error:
        render("{greeting} {agent}", SAMPLE_VALUES)

    assert error.value.name == "agent"
    with translation.override("en"):
        assert str(error.value) == "There is no variable {agent}."


@pytest.mark.parametrize("text", ["{greeting", "greeting}", "{{greeting}}", "a } b { c"])
def test_a_brace_alone_is_an_error(text: str) -> None:
    with pytest.raises(StrayBrace):
        render(text, SAMPLE_VALUES)


def test_every_variable_has_a_sample() -> None:
    assert list(SAMPLE_VALUES) == list(VARIABLES)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", SmsSize("gsm", 0, 1, 160)),
        ("a" * 160, SmsSize("gsm", 160, 1, 0)),
        ("a" * 161, SmsSize("gsm", 161, 2, 145)),
        ("€" * 80, SmsSize("gsm", 160, 1, 0)),
        ("€" * 81, SmsSize("gsm", 162, 2, 143)),  # 76 pairs in a part, one septet lost
        ("я" * 70, SmsSize("ucs2", 70, 1, 0)),
        ("я" * 71, SmsSize("ucs2", 71, 2, 63)),
        ("я" * 134, SmsSize("ucs2", 134, 2, 0)),
        ("я" * 135, SmsSize("ucs2", 135, 3, 66)),
        ("🚗" * 35, SmsSize("ucs2", 70, 1, 0)),
        ("🚗" * 36, SmsSize("ucs2", 72, 2, 61)),  # 33 pairs in a part, one unit lost
    ],
)
def test_parts_of_an_sms(text: str, size: SmsSize) -> None:
    assert sms_size(text) == size


def test_links_are_found_however_they_are_written() -> None:
    text = (
        "Сайт prichal.ru, https://prichal.ru/osago?a=1. www.prichal.example/x; //cdn.prichal.ru "
        "прицел.рф a.sokolova@mail.ru т.е. 05.12.26 г.Казань v1.2"
    )

    assert links_in(text) == [
        "prichal.ru", "https://prichal.ru/osago?a=1", "www.prichal.example/x", "//cdn.prichal.ru", "прицел.рф",
    ]  # fmt: skip
    assert links_in('<a href="&#104;ttps://evil.example/a">x</a>') == ["https://evil.example/a"]


@pytest.mark.parametrize(
    ("link", "is_foreign"),
    [
        ("https://go.example/pay/abc/", False),
        ("http://go.example/pay/abc/", False),
        ("https://go.example/shop/", True),
        ("https://go.example@evil.example/pay/", True),
        ("https://go.example.evil.example/pay/", True),
        ("https://evil.example/?u=https://go.example/pay/", True),
        ("https://go.example:8443/pay/", True),
    ],
)
def test_foreign_links(link: str, is_foreign: bool) -> None:
    assert foreign_links(link, ("https://go.example/pay/",)) == ([link] if is_foreign else [])


@pytest.mark.parametrize(
    "text", ["СТОП", "стоп!", " Stop. ", "Отписаться", "стоп, хватит писать", "не пишите мне"]
)
def test_stop_words(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Спасибо",
        "не хватит ли скидки",
        "Стоп-сигнал разбит, что делать дальше, подскажите",
        "Когда продлить?",
    ],
)
def test_other_words_do_not_stop(text: str) -> None:
    assert not is_stop(text)


CHECKS = [
    (Check("do_not_contact", True), "The client has not asked to be left alone"),
    (Check("do_not_contact", False, {"reason": "court"}), "The client asked not to be contacted: court"),
    (Check("do_not_contact", False), "The client asked not to be contacted"),
    (
        Check("contact_point", True, {"channel": "email", "verified": True}),
        "There is a confirmed e-mail address",
    ),
    (
        Check("contact_point", True, {"channel": "sms", "verified": False}),
        "There is a phone number, not confirmed",
    ),
    (Check("contact_point", False, {"channel": "vk", "fault": "missing"}), "There is no VK account"),
    (
        Check("contact_point", False, {"channel": "sms", "fault": "do_not_use"}),
        "The phone number is marked “do not use”",
    ),
    (
        Check("contact_point", False, {"channel": "email", "fault": "bad", "since": "2026-11-01", "reason": "550"}),
        "The e-mail address has not worked since 1 Nov 2026: 550",
    ),
    (
        Check("consent", True, {"purpose": "service", "channel": "call", "since": "2025-03-12"}),
        "Consent to calls about own contracts, 12 Mar 2025",
    ),
    (Check("consent", False, {"purpose": "advertising", "channel": "sms"}), "No consent to advertising by SMS"),
    (Check("agent_nda", True), "No links to direct sales and no office contacts: an agent's client (NDA)"),
    (
        Check("agent_nda", False, {"found": ["prichal.ru", "8 800"]}),
        "The text leads an agent's client past the agent: prichal.ru, 8 800",
    ),
    (Check("length", True, {"channel": "sms", "size": 2, "limit": 10}), "Length: 2 SMS parts"),
    (Check("length", True, {"channel": "sms", "size": 1, "limit": 10}), "Length: 1 SMS"),
    (
        Check("length", False, {"channel": "sms", "size": 11, "limit": 10}),
        "Too long: 11 SMS parts, at most 10",
    ),
    (Check("length", True, {"channel": "vk", "size": 1, "limit": 4096}), "Length: 1 character"),
    (
        Check("length", False, {"channel": "vk", "size": 5000, "limit": 4096}),
        "Too long: 5000 characters, at most 4096",
    ),
    (Check("length", False, {"channel": "sms", "size": 1, "limit": 10, "empty": True}), "There is no text"),
    (
        Check("preferred_channel", False, {"channel": "sms", "preferred": "email"}),
        "The client prefers another channel: e-mail",
    ),
    (
        Check("preferred_channel", True, {"channel": "call", "preferred": "call"}),
        "The client prefers this channel: calls",
    ),
    (
        Check("quiet_hours", True, {"local": "10:42", "zone": "Europe/Moscow", "from": "09:00", "to": "21:00"}),
        "10:42 at the client's: messages may go 09:00–21:00",
    ),
    (
        Check("quiet_hours", False, {"local": "22:00", "zone": "Europe/Moscow", "from": "09:00", "to": "21:00"}),
        "22:00 at the client's: quiet hours, messages go 09:00–21:00",
    ),
    (
        Check(
            "quiet_hours", False,
            {"local": "11:00", "zone": "UTC", "from": "09:00", "to": "21:00", "wish": ["18:00", ""]},
        ),
        "11:00 at the client's; the client asked for 18:00–24:00",
    ),
    (
        Check(
            "quiet_hours", False,
            {"local": "11:00", "zone": "UTC", "from": "09:00", "to": "21:00", "wish": ["22:00", "23:00"],
             "never": True},
        ),
        "The hours the client asked for never meet the allowed ones, 09:00–21:00",
    ),
    (
        Check("quiet_hours", True, {"reply": True}),
        "An answer to the client's own message: the hour does not matter",
    ),
    (
        Check("frequency", False, {"today": 3, "week": 4, "purpose": "service", "day_cap": 3, "week_cap": 10}),
        "Frequency limit reached: 3 of 3 today, 4 of 10 in seven days from all senders",
    ),
    (
        Check("frequency", True, {"today": 0, "week": 1, "purpose": "service", "week_cap": 10}),
        "Frequency: 1 of 10 in seven days from all senders",
    ),
    (Check("frequency", True, {"today": 0, "week": 0, "purpose": "service"}), "Frequency: no limit"),
    (Check("frequency", True, {"reply": True}), "An answer to the client's own message: not counted"),
    (Check("of_tomorrow", True), "of_tomorrow"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "words"), CHECKS)
def test_checks_in_words(check: Check, words: str) -> None:
    sentence = describe(check)

    with translation.override("en"):
        assert str(sentence).replace("\u00a0", " ") == words
