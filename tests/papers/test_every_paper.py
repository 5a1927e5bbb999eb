"""Every shipped paper of every product is made from a full contract, whole and set as Russian is set."""

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from clientela.modules.accounts.models import User
from clientela.modules.billing.handlers import schedule_instalments
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import cancel_policy, duplicate_policy, endorse, issue_project
from clientela.modules.documents.models import Document
from clientela.modules.documents.operations import ask_document, make
from clientela.modules.documents.operations.shipped import FOLDER
from tests.papers.conftest import FULL
from tests.papers.reading import file_of, pages_of, words_of

SHOWN = [(code, "ru") for code in FULL] + [("travel", "en")]
COVERED = {
    "osago": ("Имущество потерпевшего 400 000,00 ₽", "Жизнь и здоровье потерпевшего 500 000,00 ₽", "123,5 л. с."),
    "kasko": ("Ущерб 1 920 000,00 ₽", "Угон", "Сохранение стоимости", "Франшиза 15 000 ₽", "Сбер", "Не позднее"),
    "305": ("Конструктив 4 000 000,00 ₽", "Ответственность перед соседями"),
    "354": ("1 000 000,00 ₽",),
    "555": ("Имущество 4 350 000,00 ₽", "Жизнь и здоровье", "Титул", "Сбер"),
    "travel": ("Медицинские расходы 50 000 €", "Стоимость поездки 180 000,00 ₽", "Багаж", "Орлов Илья Дмитриевич"),
    "accident": ("Смерть 500 000,00 ₽", "Травма и инвалидность", "Орлов Илья Дмитриевич"),
}  # fmt: skip
# What no page may say: a mark that was not filled, nothing where a word belongs, a raw number or code.
BAD = re.compile(
    r"\{\{|\}\}|\bNone\b|\bTrue\b|\bFalse\b|Decimal|<[a-z]|&[a-z]+;|\bnan\b|  |, ,|\( ?\)|: [.,]|(?<!\d)\d{5,} ₽"
)


def paper(kind: str, now: datetime, **what: Any) -> bytes:
    document = make(document_id=ask_document(actor=None, now=now, kind=kind, **what).pk, now=now)
    assert document.state == Document.State.READY, document.fault
    pdf = file_of(document)
    if folder := os.environ.get("PAPERS_SHOWN"):  # to look at them
        name = f"{(what.get('policy') or what['project']).product.code}-{kind}-{document.client.language}-{document.pk}"
        for number, picture in enumerate(pages_of(pdf, 110), start=1):
            picture.save(Path(folder) / f"{name}-{number}.png")
    return pdf


def whole(pdf: bytes, *words: str) -> str:
    text = words_of(pdf)
    assert not BAD.search(text), (BAD.search(text), text)
    assert re.search(r"1 / \d", text), text  # the page's number
    for word in ("Причал Страхование", "7827004526", "1027800000084", *words):
        assert word in text, (word, text)
    return text


@pytest.mark.parametrize(("code", "language"), SHOWN)
def test_before_the_contract(full: Callable[..., Project], now: datetime, code: str, language: str) -> None:
    project = full(code, language)
    name = "Орлова Вера Николаевна"
    for kind in ("application", "invoice", "offer"):
        text = whole(paper(kind, now, project=project), name)
        assert ("6 Dec 2026" if language == "en" else "06.12.2026") in text
        if kind == "invoice":
            english = language == "en"
            for said in (
                "40702810900000002851",
                "044030827",
                "АО «Банк Гавань»",
                f"/pay/{project.pay_token}/",
                "roubles" if english else "рубл",
            ):
                assert said in text, (said, text)


@pytest.mark.parametrize(("code", "language"), SHOWN)
def test_the_contract_and_its_changes(
    issued: Callable[..., Policy], anna: User, now: datetime, code: str, language: str
) -> None:
    policy = issued(code, language)
    schedule_instalments(PolicyIssued(policy.pk, policy.client_id, None), now=now)  # its plan of payment
    english, day = language == "en", policy.start_date + timedelta(days=4)
    sum_ = "roubles" if english else "рубл"
    text = whole(
        paper("policy", now, policy=policy), policy.number, "Орлова Вера Николаевна", "+7 843 200-00-00"
    )
    assert english or sum_ in text
    for word in COVERED[code]:
        assert english or word in text, (word, text)
    whole(paper("receipt", now, policy=policy), sum_)
    endorse(
        actor=anna,
        now=now,
        policy=policy,
        valid_from=day,
        reason="новый водитель",
        premium=policy.premium + Decimal("961.25"),
    )
    whole(paper("endorsement", now, policy=policy), sum_, "новый водитель")
    duplicate_policy(actor=anna, now=now, policy=policy, reason="утерян")
    assert ("duplicate" if english else "дубликат") in whole(paper("policy", now, policy=policy)).lower()
    cancel_policy(actor=anna, now=now, policy=policy, on=day, reason="передумали")
    whole(paper("cancellation", now, policy=policy), sum_, "передумали")


def test_all_that_is_shipped_was_shown() -> None:
    """A new template gets a contract above."""
    kinds = {"policy", "receipt", "endorsement", "cancellation", "application", "invoice", "offer"}
    for path in FOLDER.glob("*.html"):
        kind, *code, language, _ending = path.name.split(".")
        assert kind in kinds, path.name
        assert not code or (code[0], language) in SHOWN, path.name


def test_a_long_table_goes_over_pages_with_its_heads(full: Callable[..., Project], now: datetime) -> None:
    """Nobody is lost or cut between pages; what goes on begins with the heads; a heading never ends a page."""
    project = full("accident")
    project.terms["answers"]["people"] = [
        {"name": f"Застрахованный Номер {number:02}", "birth_date": "1990-01-01"} for number in range(90)
    ]
    project.save(update_fields=["terms"])
    policy = issue_project(actor=None, now=now, project=project)
    pages = [
        page.extract_text().replace("\xa0", " ")
        for page in PdfReader(BytesIO(paper("policy", now, policy=policy))).pages
    ]
    assert len(pages) > 2
    for before, after in pairwise(pages):
        lines = before.split("Причал Страхование · ")[0].strip().splitlines()
        assert lines[-1] not in ("Застрахованные лица", "Страховые риски", "Как рассчитана премия")
        if "Застрахованный" in after:
            assert "Роль" in after.split("Застрахованный")[0]
    for number in range(90):
        assert sum(f"Номер {number:02}" in page for page in pages) == 1
