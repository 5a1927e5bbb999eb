"""Files in the chat on a site: taken from known visitors only, checked, and handed out inertly."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clientela.integrations.webchat import talk
from clientela.integrations.webchat.models import Widget
from clientela.integrations.webchat.transport import WebchatTransport
from clientela.modules.contacts.models import Conversation, DraftFile, Message, MessageFile
from clientela.modules.contacts.operations import deliver, queue_message
from clientela.modules.contacts.operations.files import keep_file

SITE = "https://prichal.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
CID = "0123456789abcdef"


@pytest.fixture
def widget(kazan, now):
    return Widget.objects.create(
        key="site", name="Причал", branch=kazan, origins=[SITE], greeting="Здравствуйте!", created_at=now
    )


@pytest.fixture
def visitor(widget):
    talk.introduce(widget, "v1", "Глеб", "", now=timezone.now())
    return "v1"


@pytest.fixture
def give(client, widget):
    def one(name="осмотр.png", content=PNG, *, key="v1", cid=CID, origin=SITE, token=""):
        body = {"token": token or talk.token_of(widget, key), "cid": cid}
        file = SimpleUploadedFile(name, content)
        return client.post("/chat/send/site/", body | {"file": file}, headers={"Origin": origin})

    return one


def test_a_picture_is_kept_once_and_handed_out_to_be_saved(client, visitor, give):
    told = give()
    assert give().json() == told.json()
    message, row = Message.objects.get(), MessageFile.objects.get()
    assert (message.client.name, row.name, row.content_type) == ("Глеб", "осмотр.png", "image/png")
    assert Conversation.objects.get().client == message.client
    assert told.headers["Access-Control-Allow-Origin"] == SITE
    (shown,) = told.json()["files"]
    answer = client.get(f"/chat/{shown['path']}")
    assert b"".join(answer.streaming_content) == PNG
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "image/png"
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Content-Security-Policy"]) == (
        "nosniff", "default-src 'none'; sandbox",
    )  # fmt: skip
    assert client.get(f"/chat/{shown['path'][:-3]}x/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("страница.html", b"<script>alert(1)</script>", "file_kind"),
        ("рисунок.svg", b"<svg onload=alert(1)>", "file_kind"),
        ("осмотр.png", b"<script>alert(1)</script>", "file_kind"),
        ("осмотр.jpg", PNG, "file_kind"),
        ("пустой.pdf", b"", "file_empty"),
        ("большой.pdf", b"%PDF" + b"0" * (10 * 1024 * 1024), "file_large"),
    ],
)
def test_what_is_not_what_it_says_is_not_taken(visitor, give, name, content, code):
    answer = give(name, content)
    assert answer.status_code in (413, 422)
    assert answer.json() == {"code": code}
    assert not Message.objects.exists()


def test_strangers_and_other_sites_leave_nothing(widget, visitor, give):
    assert give(origin="https://other.example").status_code == 404
    assert give(token="forged").json() == {"code": "introduce"}
    assert give(key="v2").json() == {"code": "introduce"}
    assert not Message.objects.exists()


def test_nobody_floods_us_with_files(visitor, give):
    for number in range(talk.MOST_FILES):
        assert give(cid=f"{CID}{number}").status_code == 200
    assert give(cid=f"{CID}x").json() == {"code": "slower"}
    assert MessageFile.objects.count() == talk.MOST_FILES


def test_a_file_of_the_answer_comes_to_the_page(client, visitor, widget, branch_head, give):
    give()
    asked, conversation = Message.objects.get(), Conversation.objects.get()
    file = SimpleUploadedFile("расчёт.pdf", b"%PDF-1.4")
    kept = keep_file(actor=branch_head, now=timezone.now(), conversation=conversation, file=file)
    queue_message(
        now=timezone.now(), actor=branch_head, client=asked.client, channel="webchat", text="Расчёт",
        in_reply_to=asked, files=[kept],
    )  # fmt: skip
    deliver("webchat", WebchatTransport(), worker="w", now=timezone.now())
    (answer,) = talk.waiting([visitor])[visitor]
    assert (answer["text"], [one["name"] for one in answer["files"]]) == ("Расчёт", ["расчёт.pdf"])
    gone = client.get(f"/chat/{answer['files'][0]['path']}")
    assert gone.headers["Content-Type"] == "application/octet-stream"
    assert b"".join(gone.streaming_content) == b"%PDF-1.4"
    assert not DraftFile.objects.exists()
