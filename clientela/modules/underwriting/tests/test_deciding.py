"""The queue: opened by the rules, decided within authority, the calculation goes on by itself."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts.models import User
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.models import Referral

__all__ = ["calculation", "family", "tariffs"]


@pytest.fixture
def referral(calculation: Calculation, anna: User, now: datetime) -> Referral:
    """520 hp: above what the rules accept."""
    row = quotes.change(actor=anna, now=now, calculation=calculation, subject={"power": "520"})
    assert row.variants.get(is_chosen=True).decision == "refer"
    with pytest.raises(quotes.NeedsUnderwriter):
        quotes.to_project(actor=anna, now=now, calculation=row)
    quotes.refer(actor=anna, now=now, calculation=row, note="постоянный клиент")
    found = operations.open_referral(now=now, calculation=row, needs_photos=False)
    assert found is not None
    return found


def allow(administrator: User, underwriter: User, now: datetime, most: Decimal | None) -> None:
    operations.set_authority(actor=administrator, now=now, user=underwriter, product=None, most=most)


def test_without_authority_nothing_is_decided(
    referral: Referral, underwriter: User, administrator: User, now: datetime
) -> None:
    with pytest.raises(operations.BeyondAuthority):
        operations.accept(actor=underwriter, now=now, referral=referral)
    Referral.objects.update(sum_insured=Decimal(500_000))
    allow(administrator, underwriter, now, Decimal(400_000))
    with pytest.raises(operations.BeyondAuthority):
        operations.accept(actor=underwriter, now=now, referral=referral)
    referral.refresh_from_db()
    assert (referral.state, referral.calculation.state) == ("waiting", "referred")


def test_accepted_with_a_loading_it_goes_on(
    referral: Referral, anna: User, underwriter: User, administrator: User, now: datetime
) -> None:
    allow(administrator, underwriter, now, None)
    operations.accept(
        actor=underwriter, now=now, referral=referral, loading=Decimal("1.2"), conditions="только гараж"
    )
    row = Calculation.objects.get()
    assert (row.state, row.released, row.conditions) == ("draft", True, "только гараж")
    assert row.variants.get(is_chosen=True).premium == Decimal("11703.76")  # 9753.13 × 1.2
    assert quotes.to_project(actor=anna, now=now, calculation=row).premium == Decimal("11703.76")
    with pytest.raises(operations.AlreadyDecided):
        operations.decline(actor=underwriter, now=now, referral=referral, reason="x")


def test_what_changes_afterwards_is_referred_anew(
    referral: Referral, anna: User, underwriter: User, administrator: User, now: datetime
) -> None:
    allow(administrator, underwriter, now, None)
    operations.accept(actor=underwriter, now=now, referral=referral)
    row = quotes.change(actor=anna, now=now, calculation=Calculation.objects.get(), subject={"power": "600"})
    with pytest.raises(quotes.NeedsUnderwriter):
        quotes.to_project(actor=anna, now=now, calculation=row)


def photo(*, exif: bool = False) -> ContentFile:
    made = BytesIO()
    image = Image.new("RGB", (64, 48), "red")
    tags = image.getexif()
    if exif:
        tags[0x010F] = "Camera of Вера"
    image.save(made, "JPEG", exif=tags)
    return ContentFile(made.getvalue(), "x.jpg")


def test_photos_come_back_to_the_queue(
    referral: Referral, underwriter: User, administrator: User, now: datetime
) -> None:
    allow(administrator, underwriter, now, None)
    inspection, message = operations.ask_inspection(
        actor=underwriter, now=now, referral=referral, channel="sms", views=["front", "vin"]
    )
    assert message is not None
    assert f"/photos/{inspection.token}/" in message.text
    operations.keep_shot(now=now, inspection=inspection, view="front", file=photo(exif=True))
    again = operations.keep_shot(now=now, inspection=inspection, view="front", file=photo(exif=True))
    assert inspection.shots.count() == 1
    with again.file.open("rb") as stored, Image.open(stored) as kept:
        assert dict(kept.getexif()) == {}
    with pytest.raises(operations.NotAView):
        operations.finish(now=now, inspection=inspection)
    with pytest.raises(FileRefused):
        operations.keep_shot(
            now=now, inspection=inspection, view="vin", file=ContentFile(b"no picture", "x.jpg")
        )
    operations.keep_shot(now=now, inspection=inspection, view="vin", file=photo())
    operations.finish(now=now, inspection=inspection)
    referral.refresh_from_db()
    assert referral.state == "waiting"
    with pytest.raises(operations.InspectionOver):
        operations.keep_shot(now=now, inspection=inspection, view="vin", file=photo())
