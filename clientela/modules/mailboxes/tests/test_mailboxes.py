"""Mailboxes as data: who keeps them, what never comes out, what stands under a mail."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.mailboxes.operations import WrongMailbox, add_mailbox, change_mailbox
from clientela.modules.mailboxes.queries import account_of, box_for

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WORD = "s3cret-of-the-box"


@pytest.fixture
def box(administrator, kazan) -> Mailbox:
    return add_mailbox(
        actor=administrator, now=NOW, address="Kazan@Prichal.example", name="Причал Казань", branch=kazan,
        imap_host="imap.example", smtp_host="smtp.example", password=WORD, is_active=True,
    )  # fmt: skip


def test_the_password_comes_out_for_the_connection_only(box, administrator, sign_in) -> None:
    assert account_of(box).password == WORD
    assert WORD not in box.sealed_password + repr(account_of(box))
    assert WORD not in str(list(Entry.objects.values_list("changes", flat=True)))
    browser = sign_in(administrator)
    for url in ("/mailboxes/", f"/mailboxes/{box.pk}/", "/api/v1/mailboxes", f"/api/v1/mailboxes/{box.pk}"):
        page = browser.get(url)
        assert page.status_code == 200
        assert WORD not in page.content.decode()
        assert box.sealed_password not in page.content.decode()


def test_a_password_is_not_sent_to_another_server(box, administrator) -> None:
    with pytest.raises(WrongMailbox) as refused:
        change_mailbox(actor=administrator, now=NOW, box=box, imap_host="imap.elsewhere.example")
    assert refused.value.field == "password"
    box.refresh_from_db()
    assert box.imap_host == "imap.example"
    changed = change_mailbox(
        actor=administrator, now=NOW, box=box, imap_host="imap.elsewhere.example", password="another"
    )
    assert account_of(changed).password == "another"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password_variable", "CLIENTELA_SECRET_KEY"), ("acknowledges", True), ("signature", "{premium}"),
        ("name", " "), ("imap_port", 0),
    ],
)  # fmt: skip
def test_what_a_mailbox_may_not_be(box, administrator, field, value) -> None:
    with pytest.raises(WrongMailbox) as refused:
        change_mailbox(actor=administrator, now=NOW, box=box, **{field: value})
    assert refused.value.field in (field, "acknowledgement")


def test_only_who_manages_the_organisation_keeps_mailboxes(renewals_manager, db) -> None:
    with pytest.raises(PermissionDenied):
        add_mailbox(actor=renewals_manager, now=NOW, address="a@prichal.example", name="A")
    assert not Mailbox.objects.exists()


def test_the_password_may_stand_in_the_environment(box, administrator, monkeypatch) -> None:
    monkeypatch.setenv("CLIENTELA_MAIL_PASSWORD_KAZAN", "of the environment")
    changed = change_mailbox(
        actor=administrator, now=NOW, box=box, password_variable="CLIENTELA_MAIL_PASSWORD_KAZAN"
    )
    assert account_of(changed).password == "of the environment"


def test_a_first_mail_goes_out_from_the_writers_mailbox_else_a_shared_one(
    box, administrator, anna, volga, kazan
) -> None:
    def found(person=None) -> str:
        chosen = box_for(person, branch_id=kazan.pk, centre_id=volga.pk)
        return chosen.address if chosen else ""

    assert found(anna) == "kazan@prichal.example"
    common = {"actor": administrator, "now": NOW, "is_active": True}
    add_mailbox(**common, address="volga@prichal.example", name="Поволжье", centre=volga)
    assert found(anna) == "volga@prichal.example"
    add_mailbox(**common, address="anna@prichal.example", name="Анна", person=anna)
    assert (found(anna), found()) == ("anna@prichal.example", "volga@prichal.example")


def test_by_page_and_api(box, administrator, anna, sign_in) -> None:
    browser = sign_in(administrator)
    answer = browser.post(
        "/mailboxes/new/",
        {"address": "office@prichal.example", "name": "Офис", "imap_port": 993, "imap_security": "tls",
         "smtp_port": 465, "smtp_security": "tls", "acknowledgement_hours": 24},
    )  # fmt: skip
    office = Mailbox.objects.get(address="office@prichal.example")
    assert answer["Location"] == f"/mailboxes/{office.pk}/"
    assert browser.post(f"/mailboxes/{office.pk}/trial/").status_code == 302
    office.refresh_from_db()
    assert office.fault
    own = sign_in(anna)
    assert own.post("/mailboxes/signature/", {"text": "{person_name}"}).status_code == 302
    assert "Анна Соколова" in own.get("/mailboxes/signature/").content.decode()
    assert own.get("/mailboxes/").status_code == 403
