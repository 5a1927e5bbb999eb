"""A policy signed on a phone by a code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clientela.modules.accounts.models import User
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.models import SignRequest
from clientela.modules.documents.operations import ask_document, ask_signature, load_shipped, make
from tests.browser.shots import check_access

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def asked(
    transactional_db: None, anna: User, vera_policy: Policy, settings: Any, tmp_path: Path, live_server: object
) -> SignRequest:  # fmt: skip
    settings.DEMO, settings.MEDIA_ROOT, settings.PUBLIC_URL = True, tmp_path, str(live_server)
    now = timezone.now()
    load_shipped(now=now)
    paper = make(document_id=ask_document(actor=anna, now=now, kind="policy", policy=vera_policy).pk, now=now)
    return ask_signature(actor=anna, now=now, documents=[paper])


def test_a_policy_is_signed_on_a_phone(visit: Callable[..., Page], asked: SignRequest) -> None:
    page = visit(f"/sign/{asked.token}/")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("main")).to_contain_text("подпишите документы")
    check_access(page, widths=(390,))
    page.click("text=Согласиться и получить код")
    code = page.inner_text("#demo-code")
    page.fill("#id_code", f"{(int(code) + 1) % 1_000_000:06}")
    page.click("button.btn-signal")
    expect(page.locator("#id_code_error")).to_contain_text("Код не подходит")
    check_access(page, widths=(390,))
    page.fill("#id_code", code)
    page.click("button.btn-signal")
    expect(page.locator("main")).to_contain_text("Документы подписаны")
    check_access(page, widths=(390,))
    asked.refresh_from_db()
    assert asked.state == "signed"
