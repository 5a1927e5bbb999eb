"""The book is kept in versions, read by who may, and found by any form of a word."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from clientela.foundation.audit.models import Entry as JournalEntry
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Entry, Page
from clientela.modules.book.operations import pages
from clientela.modules.book.queries.pages import entries_of, find, page_of, products_in
from clientela.modules.book.rules.text import as_html, as_plain, excerpt, key_of, stems
from clientela.modules.products.models import Product

DAY = date(2026, 11, 18)
Make = Callable[..., Entry]


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def entry(product_manager: User, kasko: Product, now: datetime) -> Make:
    """``entry("Франшиза", block="tariffs", …)`` in the book of KASKO."""

    def make(title: str, **fields: Any) -> Entry:
        values = {"product": kasko, "block": "rules"} | fields
        return pages.add_entry(actor=product_manager, now=now, title=title, **values)

    return make


def test_a_text_is_shown_without_anything_that_acts() -> None:
    html = as_html(
        "# Что\n\n<script>x()</script>\n\n- раз\n- **два**\n\n[зло](javascript:x) [тариф](/products/) ![к](/a.png)"
    )
    assert "<h3>Что</h3>" in html
    assert "<li><strong>два</strong></li>" in html
    assert "<script" not in html
    assert "javascript:" not in html.replace("(javascript:x)", "")
    assert "<img" not in html
    assert '<a href="/products/" rel="noopener noreferrer nofollow">тариф</a>' in html


def test_a_word_is_found_in_any_form() -> None:
    assert stems("Тарифов  по франшизам!") == ["тариф", "по", "франшиз"]
    assert key_of("Ещё «КАСКО», 12 %") == " еще каско 12"
    assert as_plain("# Раз\n\n- два\n- три") == "Раз два три"
    long = "слово " * 60 + "франшиза здесь " + "конец " * 60
    assert "франшиза здесь" in excerpt(long, ["франшиз"])
    assert excerpt(long, ["франшиз"]).startswith("… ")


def test_an_entry_keeps_what_it_was_and_goes_back(entry: Make, product_manager: User, now: datetime) -> None:
    made = entry("Осмотр", body="до выдачи", shown_until=date(2026, 12, 31))
    changed = pages.change_entry(
        actor=product_manager,
        now=now,
        entry=made,
        seen=1,
        title="Осмотр машины",
        body="после",
        shown_until=None,
    )
    assert (changed.version, changed.title, changed.body) == (2, "Осмотр машины", "после")
    back = pages.bring_back(actor=product_manager, now=now, entry=changed, number=1)
    assert (back.version, back.title, back.body, back.shown_until) == (
        3,
        "Осмотр",
        "до выдачи",
        date(2026, 12, 31),
    )
    assert [one.number for one in back.versions.all()] == [3, 2, 1]
    assert list(JournalEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "book.entry_added", "book.entry_changed", "book.entry_brought_back",
    ]  # fmt: skip
    with pytest.raises(pages.NoSuchVersion):
        pages.bring_back(actor=product_manager, now=now, entry=back, number=9)


def test_what_somebody_changed_meanwhile_is_not_written_over(
    entry: Make, product_manager: User, now: datetime
) -> None:
    made = entry("Осмотр")
    pages.change_entry(actor=product_manager, now=now, entry=made, seen=1, note="первый")
    with pytest.raises(pages.BookChanged):
        pages.change_entry(actor=product_manager, now=now, entry=made, seen=1, note="второй")
    made.refresh_from_db()
    assert made.note == "первый"


def test_nothing_is_kept_when_nothing_changes(entry: Make, product_manager: User, now: datetime) -> None:
    made = entry("Осмотр")
    same = pages.change_entry(actor=product_manager, now=now, entry=made, title="Осмотр")
    assert same.version == 1
    assert made.versions.count() == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "я" * 161}),
        ("block", {"block": "somewhere"}),
        ("body", {"body": "я" * 20_001}),
        ("link", {"link": "https://somewhere.example/"}),
        ("link", {"link": "//somewhere.example/"}),
        ("link", {"link": "/no-such-page/"}),
        ("shown_until", {"shown_from": DAY, "shown_until": DAY - timedelta(days=1)}),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(entry: Make, field: str, typed: dict[str, Any]) -> None:
    with pytest.raises(pages.EntryRefused) as refused:
        entry(**({"title": "Осмотр"} | typed))
    assert refused.value.field == field
    assert not Entry.objects.exists()
    assert not Page.objects.exists()


def test_a_file_stays_with_its_version(entry: Make, product_manager: User, now: datetime) -> None:
    made = entry("Бланк", file=ContentFile("первый".encode(), name="C:\\акт.pdf"))
    assert (made.file_name, made.file_size) == ("акт.pdf", 12)
    without = pages.change_entry(actor=product_manager, now=now, entry=made, drop_file=True)
    assert (without.file_name, bool(without.file)) == ("", False)
    back = pages.bring_back(actor=product_manager, now=now, entry=without, number=1)
    with back.file.open("rb") as stored:
        assert stored.read().decode() == "первый"
    with pytest.raises(FileRefused):
        entry("Злое", file=ContentFile(b"x", name="a.exe"))
    assert Entry.objects.count() == 1


def test_entries_move_within_their_block_and_come_back(
    entry: Make, product_manager: User, now: datetime
) -> None:
    first, second, third = entry("а"), entry("б"), entry("в")
    entry("чужой", block="claims")
    who = {"actor": product_manager, "now": now}
    pages.move(**who, entry=third, by=-1)
    pages.move(**who, entry=first, by=-1)
    page = page_of(product_manager, first.page.product)
    assert [one.title for one in entries_of(product_manager, page, DAY)["rules"]] == ["а", "в", "б"]
    pages.put_away(**who, entry=third)
    assert [one.title for one in entries_of(product_manager, page, DAY)["rules"]] == ["а", "б"]
    pages.restore(**who, entry=third)
    assert [one.title for one in entries_of(product_manager, page, DAY)["rules"]] == ["а", "в", "б"]
    assert second.page_id == first.page_id


def test_sellers_read_what_is_shown_on_the_day(
    entry: Make, anna: User, product_manager: User, kasko: Product, now: datetime
) -> None:
    entry("вчера", shown_until=DAY - timedelta(days=1))
    entry("сегодня", shown_from=DAY, shown_until=DAY)
    entry("завтра", shown_from=DAY + timedelta(days=1))
    gone = entry("убрано")
    pages.put_away(actor=product_manager, now=now, entry=gone)
    page = page_of(anna, kasko)
    assert [one.title for one in entries_of(anna, page, DAY)["rules"]] == ["сегодня"]
    assert [one.title for one in entries_of(product_manager, page, DAY)["rules"]] == [
        "вчера",
        "сегодня",
        "завтра",
    ]
    assert [hit.entry.title for hit in find(anna, "завтра", DAY)] == []
    Product.objects.filter(pk=kasko.pk).update(is_active=False)
    assert page_of(anna, kasko) is None
    assert kasko not in products_in(anna)
    assert not Entry.objects.visible_to(anna, DAY).exists()
    assert kasko in products_in(product_manager)


def test_only_who_keeps_the_book_changes_it(entry: Make, anna: User, kasko: Product, now: datetime) -> None:
    made = entry("Осмотр")
    who = {"actor": anna, "now": now}
    for act in (
        lambda: pages.add_entry(**who, product=kasko, block="rules", title="x"),
        lambda: pages.change_entry(**who, entry=made, title="x"),
        lambda: pages.put_away(**who, entry=made),
        lambda: pages.move(**who, entry=made, by=1),
        lambda: pages.bring_back(**who, entry=made, number=1),
        lambda: pages.change_page(**who, product=kasko, pitch="x", licence=""),
    ):
        with pytest.raises(PermissionDenied):
            act()
    made.refresh_from_db()
    assert (made.title, made.version, made.put_away_at, made.page.pitch) == ("Осмотр", 1, None, "")


def test_the_surest_is_found_first_in_any_block_and_file(
    entry: Make, anna: User, osago: Product, kasko: Product
) -> None:
    entry("Порядок урегулирования", block="claims", body="Вычитаем **франшизу** из выплаты.")
    entry("Скидки и франшизы", block="tariffs")
    entry("Франшиза простыми словами", block="training", product=osago)
    entry("Бланк", file=ContentFile(b"x", name="Заявление о франшизе.pdf"))
    entry("Осмотр", body="Ёлки")
    assert [hit.entry.title for hit in find(anna, "ФРАНШИЗЫ", DAY)] == [
        "Франшиза простыми словами", "Скидки и франшизы", "Порядок урегулирования", "Бланк",
    ]  # fmt: skip
    assert [hit.entry.title for hit in find(anna, "франшизы выплат", DAY)] == ["Порядок урегулирования"]
    assert [hit.entry.title for hit in find(anna, "елка", DAY)] == ["Осмотр"]
    assert find(anna, "%_", DAY) == []
    assert find(anna, "зафранш", DAY) == []
    assert len(find(anna, "франшиза", DAY, few=2)) == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("выплатами", "Сроки выплат"), ("осмотре", "Осмотр до оплаты"), ("красивым", "Красивые номера"), ("дома", "Дом и дача"),
        ("скидках", "Скидка за стаж"), ("страховател", "Обязанности страхователя"), ("policies", "The policy and its papers"),
        ("policy", "Old policies"), ("pay", "Paying by parts"), ("claimed", "Claims and losses"), ("каско 2026", "КАСКО, 2026"),
    ],
)  # fmt: skip
def test_any_form_of_a_word_is_found_in_both_languages(
    entry: Make, anna: User, asked: str, said: str
) -> None:
    entry(said, body="слово " * 60 + said)
    entry("Другое")
    (hit,) = find(anna, asked, DAY)
    assert hit.entry.title == said
    assert said.split()[-1] in hit.excerpt


def test_words_that_only_look_alike_are_not_found(entry: Make, anna: User) -> None:
    entry("Полисы")
    assert find(anna, "политика", DAY) == []
    assert find(anna, "полисом", DAY) != []


def test_a_page_says_the_pitch_and_the_licence(product_manager: User, kasko: Product, now: datetime) -> None:
    who = {"actor": product_manager, "now": now, "product": kasko}
    page = pages.change_page(**who, pitch=" Ремонт у дилера ", licence="СИ № 1")
    assert (page.pitch, page.licence, page.version) == ("Ремонт у дилера", "СИ № 1", 2)
    with pytest.raises(pages.BookChanged):
        pages.change_page(**who, pitch="x", licence="", seen=1)
    with pytest.raises(pages.EntryRefused) as refused:
        pages.change_page(**who, pitch="я" * 601, licence="")
    assert refused.value.field == "pitch"
