"""Deciding on a page, and the authority of people."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clientela.foundation.audit.models import Entry
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.models import Authority, ChangeReferral, Referral, Shot
from clientela.modules.underwriting.tests.test_deciding import calculation, family, photo, referral, tariffs

__all__ = ["calculation", "family", "referral", "tariffs"]


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def limited(underwriter, administrator, now):
    limits = {"most": None, "most_loading": Decimal(20), "most_discount": Decimal(10)}
    return operations.set_authority(actor=administrator, now=now, user=underwriter, product=None, **limits)


def test_a_factor_beyond_the_authority_stays_in_its_field_with_the_reason(
    sign_in, underwriter, limited, referral
):
    browser, path = sign_in(underwriter), f"/underwriting/referrals/{referral.pk}/"
    assert "надбавка до 20 %" in text_of(browser.get(path))
    answer = browser.post(f"{path}acceptance/", {"loading": "1,5", "conditions": "гараж"})
    page = text_of(answer)
    assert (answer.status_code, 'value="1,5"' in page, "гараж" in page) == (422, True, True)
    assert "до 20 % сверх премии" in page
    assert Referral.objects.get().state == "waiting"
    assert browser.post(f"{path}acceptance/", {"loading": "0,9"}).status_code == 302
    assert (Referral.objects.get().state, Referral.objects.get().loading) == ("accepted", Decimal("0.9"))


def test_photos_and_a_refusal_go_the_same_way(sign_in, underwriter, limited, referral):
    browser, path = sign_in(underwriter), f"/underwriting/referrals/{referral.pk}/"
    assert browser.post(f"{path}inspection/", {"views": ["front"], "channel": "sms"}).status_code == 302
    assert browser.post(f"{path}refusal/", {"reason": ""}).status_code == 422
    assert Referral.objects.get().state == "inspection"
    assert browser.post(f"{path}refusal/", {"reason": "вне правил"}).status_code == 302
    assert Referral.objects.get().state == "declined"


@pytest.fixture
def queue(referral, vera_policy, anna, now):
    """Вера's calculation, and a change of her policy for ten times the sum."""
    Referral.objects.update(sum_insured=400_000)
    return ChangeReferral.objects.create(
        policy=vera_policy, seen=1, wanted={"valid_from": "2026-11-20"}, reason="учится ездить", reasons=["Водителю нет 18 лет"],
        before=8000, premium=9000, difference=1000, sum_insured=4_000_000, asked_by=anna, asked_at=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", (True, True)), ("kind=new", (True, False)), ("kind=change", (False, True)), ("line=osago", (True, True)),
        ("line=kasko", (False, False)), ("q=Орлова", (True, True)), ("q=Соколова", (False, False)),
        ("q=ххх+0412773905", (False, True)), ("whose=mine", (True, False)), ("kind=x&order=x&line=boat", (True, True)),
    ],
)  # fmt: skip
def test_the_queue_is_narrowed(sign_in, underwriter, referral, queue, now, asked, found):
    Authority.objects.create(user=underwriter, most=1_000_000, changed_at=now)
    page = text_of(sign_in(underwriter).get(f"/underwriting/?{asked}"))
    shown = tuple(
        f'href="/underwriting/{path}/"' in page
        for path in (f"referrals/{referral.pk}", f"changes/{queue.pk}")
    )
    assert shown == found
    assert ("Такого в очереди нет" in page) == (not any(found))


def test_only_products_within_the_authority_are_ones_own(sign_in, underwriter, referral, queue, kasko, now):
    Authority.objects.create(user=underwriter, product=kasko, changed_at=now)
    assert "Такого в очереди нет" in text_of(sign_in(underwriter).get("/underwriting/?whose=mine"))
    Authority.objects.create(user=underwriter, most=100, changed_at=now)
    assert "Такого в очереди нет" in text_of(sign_in(underwriter).get("/underwriting/?whose=mine"))
    Authority.objects.filter(product=None).update(most=None)
    assert "Такого в очереди нет" not in text_of(sign_in(underwriter).get("/underwriting/?whose=mine"))


def test_the_queue_as_a_file_of_what_is_seen(sign_in, branch_head, underwriter, queue):
    answer = sign_in(branch_head).get("/underwriting/export.csv?kind=change")
    text = b"".join(answer.streaming_content).decode()
    assert ("Водителю нет 18 лет" in text, "Изменения" in text, text.count("Орлова")) == (True, True, 1)
    assert Entry.objects.filter(action="referrals.exported").count() == 1
    assert sign_in(underwriter).get("/underwriting/export.csv").status_code == 403


def test_photos_of_a_change_come_to_who_decides_and_to_nobody_else(
    client, sign_in, underwriter, boris, limited, queue
):
    browser, path = sign_in(underwriter), f"/underwriting/changes/{queue.pk}/"
    assert browser.post(f"{path}inspection/", {"channel": "sms"}).status_code == 422
    assert browser.post(f"{path}inspection/", {"views": ["front"], "channel": "sms"}).status_code == 302
    link = f"/photos/{queue.inspections.get().token}/"
    page = text_of(client.get(link))
    assert "Hyundai Creta, 2021" in page
    sent = SimpleUploadedFile("a.jpg", photo().read(), "image/jpeg")
    assert client.post(link, {"view": "front", "photo": sent}).status_code == 302
    assert client.post(link).status_code == 302
    shot = f"/underwriting/shots/{Shot.objects.get().pk}/"
    assert shot in text_of(browser.get(path))
    seen = browser.get(shot)
    assert (seen.status_code, b"".join(seen.streaming_content)[:2]) == (200, b"\xff\xd8")
    assert sign_in(boris).get(shot).status_code in (403, 404)


def test_an_administrator_sets_the_limits(sign_in, administrator, underwriter, anna):
    browser, path = sign_in(administrator), "/underwriting/authority/"
    typed = {
        "user": underwriter.pk,
        "product": "",
        "most": "5 000 000",
        "most_loading": "20",
        "most_discount": "12,5",
    }
    assert browser.post(path, typed | {"most_discount": "70"}).status_code == 422
    assert not Authority.objects.exists()
    assert browser.post(path, typed).status_code == 302
    row = Authority.objects.get()
    assert (row.most, row.most_loading, row.most_discount) == (5_000_000, 20, Decimal("12.5"))
    page = text_of(browser.get(path))
    assert "+20 %" in page
    assert "−12,50 %" in page
    assert sign_in(anna).post(path, typed).status_code == 403


def test_factors_are_numbers_of_the_language(sign_in, underwriter, limited, referral):
    page = text_of(sign_in(underwriter).get(f"/underwriting/referrals/{referral.pk}/"))
    assert ">1,70<" in page
    assert ">6 120<" in page
