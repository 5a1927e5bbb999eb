"""Вера agreed to data of the bank; the clinic is named too. Борис's client agreed to nothing."""

from datetime import date
from typing import Any

import pytest

from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import IdentityDocument
from clientela.modules.clients.queries import documents_by_number
from clientela.modules.group.models import ConsentDocument, FactKind, SisterCompany
from clientela.modules.group.operations.consents import give_consent
from clientela.modules.group.operations.setting import load_shipped

PASSPORT = "9208123441"


@pytest.fixture
def kinds(db: None, now: Any) -> dict[str, FactKind]:
    load_shipped(now=now)
    return {one.code: one for one in FactKind.objects.all()}


@pytest.fixture
def program(make_user: Any) -> Any:
    return make_user(Role.SISTER, "Программа", "Банка")


@pytest.fixture
def bank(kinds: Any, program: Any) -> SisterCompany:
    return SisterCompany.objects.create(
        code="bank", name="Банк «Берег»", kind="bank", trust=80, feeder=program
    )


@pytest.fixture
def clinic(kinds: Any) -> SisterCompany:
    return SisterCompany.objects.create(code="clinic", name="Клиника «Устье»", kind="clinic", trust=60)


@pytest.fixture
def text(bank: SisterCompany, clinic: SisterCompany) -> ConsentDocument:
    row = ConsentDocument.objects.create(version="v1", title="Согласие", text="…", since=date(2026, 1, 1))
    row.companies.set([bank, clinic])
    return row


@pytest.fixture
def agreed(vera: Any, text: ConsentDocument, now: Any) -> Any:
    """Вера with a passport and a consent."""
    if not documents_by_number(PASSPORT).filter(client=vera).exists():
        IdentityDocument.objects.create(client=vera, kind="passport", number=PASSPORT)
    give_consent(actor=None, now=now, client=vera, source="paper")
    return vera
