"""The square codes that a client points a telephone at: on every shipped paper, on the page of payment, in the window."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
import segno
import time_machine
import weasyprint
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payee
from clientela.modules.billing.operations import bill_project, set_payee
from clientela.modules.billing.transfer import square_of, transfer_of
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import cancel_policy, duplicate_policy, endorse
from clientela.modules.documents.models import Document
from clientela.modules.documents.operations import ask_document, make
from clientela.modules.documents.operations.shipped import FOLDER, shipped_text
from clientela.workspace.quotes.payment import code_of
from tests.papers.conftest import FULL, PAYEE
from tests.papers.reading import file_of, payment_of, squares_of

SITE = "http://127.0.0.1:8000"
SHOWN = [(code, "ru") for code in FULL] + [("travel", "en")]


@pytest.fixture(autouse=True)
def _today(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


def made(kind: str, now: datetime, **what: Any) -> Document:
    document = make(document_id=ask_document(actor=None, now=now, kind=kind, **what).pk, now=now)
    assert document.state == "ready", document.fault
    return document


def as_picture(svg: str) -> list[Any]:
    """The codes of a drawing, set on a page of its own."""
    uri = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    page = f'<style>@page {{ size: 60mm 60mm; margin: 4mm }} img {{ width: 52mm }}</style><img src="{uri}">'
    return squares_of(weasyprint.HTML(string=page).write_pdf())


@pytest.mark.parametrize(("code", "language"), SHOWN)
def test_every_paper_of_a_policy_leads_to_its_check_page(
    issued: Callable[..., Policy], anna: User, now: datetime, client: Browser, code: str, language: str
) -> None:
    policy = issued(code, language)
    day = policy.start_date + timedelta(days=4)
    papers = [made("policy", now, policy=policy), made("receipt", now, policy=policy)]
    endorse(
        actor=anna,
        now=now,
        policy=policy,
        valid_from=day,
        reason="новый водитель",
        premium=policy.premium + 100,
    )
    papers.append(made("endorsement", now, policy=policy))
    duplicate_policy(actor=anna, now=now, policy=policy, reason="утерян")
    papers.append(made("policy", now, policy=policy))
    cancel_policy(actor=anna, now=now, policy=policy, on=day, reason="передумали")
    papers.append(made("cancellation", now, policy=policy))
    seen = 0
    for paper in papers:
        assert paper.template is not None
        found = squares_of(file_of(paper))
        assert len(found) == ("{{ qr }}" in paper.template.html), paper.kind
        for square in found:
            assert square.text == f"{SITE}/p/{paper.token}/", paper.kind
            page = client.get(square.text.removeprefix(SITE))
            assert policy.number in page.content.decode().replace("\xa0", " ")
        seen += len(found)
    assert seen >= 3  # the policy, its duplicate, the endorsement


@pytest.mark.parametrize(("code", "language"), SHOWN)
def test_the_bill_is_paid_from_its_code(
    full: Callable[..., Project], now: datetime, client: Browser, code: str, language: str
) -> None:
    project = full(code, language)
    paper = made("invoice", now, project=project)
    (square,) = squares_of(file_of(paper))
    # where the client reads Russian, the purpose is Russian: it is the bank that reads it
    told = payment_of(square.bytes)
    assert square.ec_level == "M"
    due = project.premium if project.instalments == 1 else project.premium / project.instalments
    assert told["Sum"] == str(int(due * 100))
    assert {name: told[name] for name in ("charset", "mark", "Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc", "PayeeINN", "KPP")} == {
        "charset": "utf-8", "mark": "|", "Name": PAYEE["name"], "PersonalAcc": PAYEE["account"], "BankName": PAYEE["bank_name"],
        "BIC": PAYEE["bic"], "CorrespAcc": PAYEE["correspondent_account"], "PayeeINN": PAYEE["inn"], "KPP": PAYEE["kpp"],
    }  # fmt: skip
    assert (told["LastName"], told["FirstName"], told["MiddleName"]) == ("Орлова", "Вера", "Николаевна")
    number = project.invoice.number
    assert told["Purpose"].endswith(f"Invoice {number}" if language == "en" else f"Счёт {number}")
    # and the page of payment shows the very same
    page = client.get(f"/pay/{project.pay_token}/").content.decode()
    picture = re.search(r'"data:image/svg\+xml[^,]*,([^"]+)"', page)
    assert picture is not None
    (shown,) = as_picture(unquote_to_bytes(picture[1]).decode().replace("&#x27;", "'").replace("&amp;", "&"))
    assert shown.bytes == square.bytes


def test_only_kopecks_and_a_bar_in_the_name(
    full: Callable[..., Project], now: datetime, administrator: User
) -> None:
    project = full("osago")
    Project.objects.filter(pk=project.pk).update(premium=Decimal("0.07"))
    project.refresh_from_db()
    set_payee(actor=administrator, now=now, values=PAYEE | {"name": "АО «Причал | Страхование» #1"})
    (square,) = squares_of(file_of(made("invoice", now, project=project)))
    told = payment_of(square.bytes)
    assert (told["Sum"], told["mark"], told["Name"]) == ("7", ";", "АО «Причал | Страхование» #1")


def test_long_requisites_go_in_one_byte_a_letter(full: Callable[..., Project], now: datetime) -> None:
    project = full("osago")
    Payee.objects.update(name="Ы" * 160)
    (square,) = squares_of(file_of(made("invoice", now, project=project)))
    told = payment_of(square.bytes)
    assert (told["charset"], told["Name"]) == ("cp1251", "Ы" * 160)
    assert told["Purpose"].startswith("ОСАГО, страховая премия")


def test_a_payer_without_a_middle_name_and_a_company(
    full: Callable[..., Project], now: datetime, vera: Client
) -> None:
    project = full("osago")
    Client.objects.filter(pk=vera.pk).update(middle_name="")
    project.refresh_from_db()
    invoice = bill_project(actor=None, now=now, project=project)
    transfer = transfer_of(invoice, Decimal("12.30"))
    assert transfer is not None
    (square,) = as_picture(square_of(transfer.data).svg_inline(scale=4, border=4))
    told = payment_of(square.bytes)
    assert ("MiddleName" in told, told["Sum"]) == (False, "1230")


def test_without_requisites_the_bill_has_no_code(full: Callable[..., Project], now: datetime) -> None:
    project = full("osago")
    Payee.objects.all().delete()
    paper = made("invoice", now, project=project)
    assert squares_of(file_of(paper)) == []


def test_the_square_in_the_window_is_the_link_of_payment() -> None:
    """What the seller shows on the screen: the page where SBP and card are offered."""
    link = f"{SITE}/pay/KnlpyVaEnhhZAYjNmc8XI45KYQGzBdIO/"
    (square,) = as_picture(str(code_of(link)))
    assert square.text == link


def test_a_link_of_sbp_as_a_bank_gives_it_survives_the_square() -> None:
    """The link is opaque: every sign of it is kept."""
    link = "https://qr.nspk.ru/AD10006M8KH234K782OQM0L13JI31LQD?type=02&bank=100000000009&sum=806741&cur=RUB&crc=C63A"
    (square,) = as_picture(str(code_of(link)))
    assert square.text == link


def test_a_code_is_read_from_a_poor_print(full: Callable[..., Project], now: datetime) -> None:
    """A fax machine's dots, and a tenth of the code under a thumb."""
    from PIL import ImageDraw, ImageFilter

    from tests.papers.reading import pages_of, squares_on

    pdf = file_of(made("invoice", now, project=full("osago")))
    (page,) = pages_of(pdf, 150)
    (square,) = squares_on(page)
    place = square.position
    pen = ImageDraw.Draw(page)
    x, y = (
        place.center.x if hasattr(place, "center") else (place.top_left.x + place.bottom_right.x) // 2,
        (place.top_left.y + place.bottom_right.y) // 2,
    )
    pen.rectangle((x, y, x + 14, y + 14), fill=255)
    assert [one.bytes for one in squares_on(page.filter(ImageFilter.GaussianBlur(0.6)))] == [square.bytes]


def test_a_wrong_code_would_be_noticed() -> None:
    """The decoder reads what is drawn, not what was meant."""
    buffer = BytesIO()
    segno.make("ST00011|Name=x", error="m").save(buffer, kind="svg")
    (square,) = as_picture(buffer.getvalue().decode())
    with pytest.raises(AssertionError):
        payment_of(square.bytes)


def test_templates_with_a_square_are_all_tried() -> None:
    kinds = {path.name.split(".")[0] for path in FOLDER.glob("*.html") if "{{ qr }}" in shipped_text(path)}
    pay = {path.name.split(".")[0] for path in FOLDER.glob("*.html") if "{{ pay_qr }}" in shipped_text(path)}
    assert (kinds, pay) == ({"policy", "endorsement", "cancellation"} & kinds, {"invoice"})
    assert {"policy", "endorsement"} <= kinds
