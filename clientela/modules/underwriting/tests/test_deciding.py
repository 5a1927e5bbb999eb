"""The queue: opened by the rules, decided within authority, the calculation goes on by itself."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from clientela.foundation.audit.models import Entry
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import Call, call
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.tests.conftest import calculation, family, tariffs
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.models import Referral

__all__ = ["calculation", "call", "family", "tariffs"]


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


@pytest.mark.parametrize(
    ("loading", "goes"), [("1.2", True), ("1.2001", False), ("1", True), ("0.9", True), ("0.89", False)]
)
def test_the_premium_is_changed_within_ones_authority(
    referral: Referral, underwriter: User, administrator: User, now: datetime, loading: str, goes: bool
) -> None:
    limits = {"most": None, "most_loading": Decimal(20), "most_discount": Decimal(10)}
    operations.set_authority(actor=administrator, now=now, user=underwriter, product=None, **limits)
    if goes:
        operations.accept(actor=underwriter, now=now, referral=referral, loading=Decimal(loading))
    else:
        with pytest.raises(operations.LoadingBeyondAuthority, match="20"):
            operations.accept(actor=underwriter, now=now, referral=referral, loading=Decimal(loading))
    referral.refresh_from_db()
    assert (referral.state == "accepted") == goes


def test_the_limits_of_a_product_count_before_those_of_all(
    referral: Referral, underwriter: User, administrator: User, now: datetime
) -> None:
    product = referral.calculation.product
    wide = {"most": None, "most_loading": None, "most_discount": None}
    operations.set_authority(actor=administrator, now=now, user=underwriter, product=None, **wide)
    narrow = wide | {"most_loading": Decimal(0)}
    operations.set_authority(actor=administrator, now=now, user=underwriter, product=product, **narrow)
    with pytest.raises(operations.LoadingBeyondAuthority):
        operations.accept(actor=underwriter, now=now, referral=referral, loading=Decimal("1.01"))
    entry = Entry.objects.filter(action="authority.set").latest("id")
    assert entry.changes == {str(product): [None, "∞ ₽, +0 %, −∞ %"]}


def test_deciding_over_the_api(
    call: Call, referral: Referral, anna: User, underwriter: User, administrator: User
) -> None:
    path = f"/referrals/{referral.pk}"
    assert call(anna, "get", path)[0] == 403
    assert call(underwriter, "get", path)[1]["may_decide"] is False
    assert call(underwriter, "post", f"{path}/acceptance", {})[1]["code"] == "beyond_authority"
    body = {"person_id": underwriter.pk, "most_loading": "20", "most_discount": "10"}
    assert call(underwriter, "post", "/authorities", body)[0] == 403
    assert call(administrator, "post", "/authorities", body)[1]["most_loading"] == "20"
    assert [one["person_id"] for one in call(administrator, "get", "/authorities")[1]] == [underwriter.pk]
    refused = call(underwriter, "post", f"{path}/acceptance", {"loading": "1.5"})
    assert (refused[0], refused[1]["code"]) == (422, "loading_beyond_authority")
    referral.refresh_from_db()
    assert referral.state == "waiting"
    status, row = call(underwriter, "post", f"{path}/acceptance", {"loading": "1.2"})
    assert (status, row["state"], row["loading"]) == (200, "accepted", "1.2000")
    assert call(underwriter, "post", f"{path}/refusal", {"reason": "x"})[0] == 409
    assert [one["id"] for one in call(underwriter, "get", "/referrals?state=accepted")[1]["items"]] == [
        referral.pk
    ]
    assert call(administrator, "post", "/authorities", body | {"taken_away": True})[0] == 204
