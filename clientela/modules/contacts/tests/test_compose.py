import re
from dataclasses import replace

import pytest
from django.core import signing

from clientela.modules.contacts.operations.compose import (
    Outgoing,
    compose,
    target_of,
    tracked_url,
    unsubscribe_url,
)

MAIL = Outgoing(
    id=7, channel="email", to="vera@mail.example", subject="Ваш полис <ОСАГО> заканчивается 05.12.26",
    text="Вера Николаевна, Ваш полис заканчивается.\nТел. агента +79172000101\n\nhttps://go.example/pay/k3J9/\n\n"
    "Подробнее: https://bank.example/a?b=1&c=2.",
    html="", sender="", purpose="service", token="tok-1", language="ru",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL = "https://go.example"
    settings.COMPANY_NAME = "Причал Страхование"


def links(html):
    return re.findall(r'href="([^"]+)"', html)


def test_a_mail_has_text_html_and_the_way_to_unsubscribe():
    mail = compose(MAIL)

    assert (mail.id, mail.to, mail.subject) == (7, "vera@mail.example", MAIL.subject)
    assert mail.list_unsubscribe_url == "https://go.example/u/tok-1/"
    assert mail.text.startswith(MAIL.text)
    assert mail.text.endswith("https://go.example/u/tok-1/\n")
    assert "Причал Страхование" in mail.text
    assert '<html lang="ru">' in mail.html
    assert "<title>Ваш полис &lt;ОСАГО&gt; заканчивается 05.12.26</title>" in mail.html
    assert '<img src="https://go.example/t/tok-1/o.gif" width="1" height="1" alt=""' in mail.html
    assert "Вера Николаевна, Ваш полис заканчивается.<br>Тел. агента +79172000101" in mail.html


def test_links_of_a_text_are_tracked_and_the_pay_link_alone_is_a_button():
    html = compose(MAIL).html
    pay, more, unsubscribe = links(html)

    assert unsubscribe == unsubscribe_url("tok-1")
    targets = [target_of(link.removeprefix("https://go.example/t/tok-1/c/"), "tok-1") for link in (pay, more)]
    assert targets == ["https://go.example/pay/k3J9/", "https://bank.example/a?b=1&c=2"]
    assert "background-color:#fcb61a" in html
    assert "https://go.example/pay/k3J9/" not in html


def test_own_html_is_cleaned_and_its_links_are_tracked():
    body = (
        '<p style="color:red;position:fixed">Здравствуйте <a href="https://bank.example/">банк</a>'
        '<a href="tel:+79172000101">агент</a><a href="javascript:alert(1)">x</a></p><script>1</script><form></form>'
    )
    html = compose(replace(MAIL, html=body)).html

    assert (
        target_of(links(html)[0].removeprefix("https://go.example/t/tok-1/c/"), "tok-1")
        == "https://bank.example/"
    )
    assert links(html)[1] == "tel:+79172000101"
    assert '<p style="color:red">Здравствуйте' in html
    for forbidden in ("javascript:", "<script", "<form", "position"):
        assert forbidden not in html


def test_a_signature_serves_one_message_and_one_target():
    signed = tracked_url("https://bank.example/", "tok-1").rpartition("/")[2]

    assert target_of(signed, "tok-1") == "https://bank.example/"
    for broken, token in ((signed, "tok-2"), (signed[:-1] + "!", "tok-1"), ("evil", "tok-1")):
        with pytest.raises(signing.BadSignature):
            target_of(broken, token)


def test_the_words_around_follow_the_clients_language_and_the_purpose():
    english = compose(replace(MAIL, language="en"))
    advertising = compose(replace(MAIL, language="en", purpose="advertising"))

    assert (
        "Причал Страхование writes to you about your own policies. You can stop these e-mails:"
        in english.text
    )
    assert "Advertising of Причал Страхование. You agreed to receive it" in advertising.html
    assert ">Renew and pay</a>" in english.html


def test_other_channels_get_the_plain_text():
    sms = compose(replace(MAIL, channel="sms"))

    assert (sms.text, sms.html, sms.subject, sms.list_unsubscribe_url) == (MAIL.text, "", "", None)
