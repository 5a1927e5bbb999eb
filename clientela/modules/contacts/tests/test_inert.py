"""A hostile HTML mail does nothing when it is looked at."""

import pytest

from clientela.modules.contacts.models import Message
from clientela.modules.contacts.rules.inert import inert
from clientela.modules.contacts.rules.unsafe import file_name, one_line, plain

MAIL = (
    '<style>p{color:red}</style><script>alert(1)</script><form action="https://evil.example"><input></form>'
    '<p onclick="x()" style="position:fixed">Добрый день</p><img src="https://evil.example/p.gif" alt="logo">'
    '<a href="https://evil.example/pay">https://prichal.example</a><a href="javascript:x()">x</a>'
    '<svg><script>1</script></svg><iframe src="https://evil.example"></iframe>'
)


def test_nothing_of_it_acts_and_links_tell_where_they_lead() -> None:
    body, left_out = inert(MAIL, pictures=False)
    assert body == (
        '<p>Добрый день</p>[logo]<a rel="noopener noreferrer nofollow" target="_blank" href="https://evil.example/pay">'
        'https://prichal.example</a> <small>[evil.example]</small><a rel="noopener noreferrer nofollow" target="_blank">x</a>'
    )
    assert left_out == 1
    shown, left_out = inert(MAIL, pictures=True)
    assert ('referrerpolicy="no-referrer"' in shown, left_out) == (True, 0)


def test_the_page_forbids_everything_and_is_for_who_sees_the_client(vera, anna, boris, sign_in, now) -> None:
    message = Message.objects.create(
        direction="in", channel="email", client=vera, address="v@x.example", text="…", html=MAIL, state="received",
        not_before=now, created_at=now,
    )  # fmt: skip
    url = f"/contacts/messages/{message.pk}/as-it-came/"
    policy = sign_in(anna).get(url).headers["Content-Security-Policy"]
    assert ("default-src 'none'" in policy, "img-src 'none'" in policy, "sandbox" in policy) == (
        True,
        True,
        True,
    )
    assert "img-src https: http:" in sign_in(anna).get(f"{url}?pictures=1").headers["Content-Security-Policy"]
    assert sign_in(boris).get(url).status_code == 404


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "_.._etc_passwd"), ("полис\u202efdp.exe", "полисfdp.exe"), ("", "file"), ("...", "file"),
        ("a\u200b\x00b.pdf", "ab.pdf"), ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)  # fmt: skip
def test_names_of_files(name, kept) -> None:
    assert file_name(name) == kept


def test_words_that_a_database_refuses() -> None:
    assert plain("a\x00\ud800b\u202e\r\nc") == "ab\nc"
    assert one_line("a\n\u200bb  c", 3) == "a b"
