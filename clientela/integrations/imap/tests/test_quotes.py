import pytest

from clientela.integrations.imap.quotes import html_to_text, without_quotes

NEW = "Да, продлите на тот же срок.\n\nСпасибо!"


@pytest.mark.parametrize(
    "quoted",
    [
        "> Здравствуйте, Вера Павловна!\n>\n> Ваш полис заканчивается.",
        "пт, 20 нояб. 2026 г. в 10:15, Причал Страхование <office@broker.test>:\n\n> Здравствуйте",
        '20.11.2026, 10:15, "Причал" <office@broker.test>:\nЗдравствуйте, Вера Павловна!',
        "Пятница, 20 ноября 2026, 10:15 +03:00 от Причал <office@broker.test>:\n \nЗдравствуйте",
        "20.11.2026 10:15, Причал Страхование пишет:\n> Здравствуйте",
        "On Fri, Nov 20, 2026 at 10:15 AM Prichal Insurance\n<office@broker.test> wrote:\n\n> Hello",
        "On Fri, Nov 20, 2026 at 10:15 AM A Very Long Name Of The Insurance Company\n"
        "And Its Department <\noffice@broker.test> wrote:\n> Hello",
        "-----Исходное сообщение-----\nОт: Причал\nКому: Вера\nТема: Полис\n\nЗдравствуйте",
        "-----Original Message-----\nFrom: Prichal\n\nHello",
        "От: Причал <office@broker.test>\nОтправлено: 20 ноября 2026 г. 10:15\nКому: Вера\nТема: Полис\n\nЗдравствуйте",
        "________________________________\nFrom: Prichal\nSent: Friday\n\nHello",
        "-- \nВера Павловна\nтел. +7 999 000-00-10",
        "Отправлено с iPhone",
        "Отправлено из мобильной Почты Mail.ru",
        "Sent from my Galaxy",
        "Причал написал(а):\n\n> Здравствуйте",
    ],
)
def test_only_the_new_part_remains(quoted: str) -> None:
    assert without_quotes(f"{NEW}\r\n\r\n{quoted}\n".replace("\n", "\r\n")) == NEW


def test_answers_between_the_quoted_lines_remain() -> None:
    text = "> Продлить полис?\nДа.\n> На год?\nНа полгода.\n"

    assert without_quotes(text) == "Да.\nНа полгода."


@pytest.mark.parametrize(
    "text",
    [
        "Мои условия от 20.11.2026:\n- без франшизы\n- КАСКО",
        "Прошу ответить по пунктам:\n1. Цена\n2. Срок 12.12.2026",
        "От всей души спасибо!\nКому угодно посоветую.",
        "Менеджер пишет:\nпозвоните завтра",
    ],
)
def test_plain_words_are_not_taken_for_a_quote(text: str) -> None:
    assert without_quotes(text) == text


def test_a_mail_that_is_nothing_but_a_quote_is_kept_whole() -> None:
    assert without_quotes("> Здравствуйте\n> Полис") == "> Здравствуйте\n> Полис"


def test_html_becomes_lines_without_the_quoted_blocks() -> None:
    html = (
        "<html><head><style>p {color: red}</style></head><body><p>Добрый&nbsp;день!</p><div>Да,<br>продлите</div>"
        '<script>alert(1)</script><div class="gmail_quote">пт, 20 нояб.<blockquote>Полис<div>x</div></blockquote>'
        "</div><p>Вера</p></body></html>"
    )

    assert html_to_text(html) == "Добрый день!\n\nДа,\nпродлите\n\nВера"


def test_html_that_is_all_quote_is_kept() -> None:
    assert html_to_text("<blockquote><p>Полис</p></blockquote>") == "Полис"


def test_broken_html_does_no_harm() -> None:
    assert html_to_text("<div><blockquote>a</div>b</blockquote> c <p>d") == "c\nd"
