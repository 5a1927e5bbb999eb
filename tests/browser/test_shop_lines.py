"""Travel, property and KASKO of a used car, bought on a phone; photos from a phone; the form on another site."""

import http.server
import io
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Branch
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations.setting import create_intake
from clientela.modules.underwriting.models import Inspection, Referral, Shot
from tests.browser.shots import check_access

pytestmark = [pytest.mark.browser, pytest.mark.server]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def shop(transactional_db: None, kazan: Branch, settings: Any, tmp_path: Path, live_server: object) -> None:
    settings.DEMO, settings.LOCAL_BANK, settings.PUBLIC_URL = (
        True,
        tmp_path / "bank.sqlite3",
        str(live_server),
    )
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ACQUIRERS = dict.fromkeys(["card", "sbp"], "clientela.integrations.local.bank.from_environment")
    load_shipped(now=timezone.now())


@pytest.fixture
def phone(visit: Callable[..., Page], shop: None) -> Page:
    page = visit("/shop/")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return page


def fill(page: Page, values: dict[str, str], prefix: str = "") -> None:
    for name, value in values.items():
        field = page.locator(f"#id_{prefix}{name}")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def soon() -> str:
    return f"{timezone.localdate() + timedelta(days=3):%d.%m.%Y}"


def confirm(page: Page) -> None:
    """Who buys, and the code."""
    who = {
        "last_name": "Новикова",
        "first_name": "Ольга",
        "birth_date": "12.04.1986",
        "passport": "9208123456",
    }
    fill(page, who | {"phone": "89175551020", "email": "olga@mail.example"})
    for kind in ("personal", "service"):
        page.check(f"[name=agree_{kind}]")
    page.click("text=Получить код")
    page.fill("#id_code", page.inner_text("#demo-code"))
    page.click("text=Подтвердить")


def pay(page: Page) -> None:
    page.click("text=Всё верно, перейти к оплате")
    page.click("text=Оплатить через СБП")
    page.wait_for_url("**/bank/**")
    page.click("main form button >> nth=0")
    page.click("text=Ваш полис")
    expect(page.locator("main")).to_contain_text("выпущен")
    assert Policy.objects.get().sales_channel == "web"


def test_travel_is_bought_on_a_phone(phone: Page) -> None:
    phone.click("a[href='/shop/travel/']")
    fill(phone, {"zone": "europe", "days": "7", "starts_on": soon()})
    phone.click("text=Дальше")
    fill(phone, {"name": "OLGA NOVIKOVA", "birth_date": "12.04.1986"}, "form-0-")
    phone.check("[name=agree_personal]")
    phone.click("text=Показать цену")
    phone.click("text=Медицинские расходы до 50 000 евро")
    expect(phone.get_by_label("Медицинские расходы до 50")).to_be_checked()
    price = phone.locator("label:has(:checked) b").inner_text()
    phone.click("text=Купить по этой цене")
    expect(phone.locator("main")).to_contain_text(price)  # always in sight
    check_access(phone, widths=(390,))
    confirm(phone)
    expect(phone.locator("main")).to_contain_text(price)
    pay(phone)


def test_property_is_bought_on_a_phone_and_the_way_back_keeps_what_was_typed(phone: Page) -> None:
    phone.click("a[href='/shop/property/']")
    home = {"address": "Казань, ул. Баумана, 5", "wall": "brick", "built": "2012", "starts_on": soon()}
    fill(phone, home | {"sum_finish": "500 000", "sum_liability": "300 000"})
    check_access(phone, widths=(390,))
    phone.click("text=Дальше")
    expect(phone.locator("main")).to_contain_text("Купить по этой цене")
    phone.get_by_role("link", name="Назад").click()
    expect(phone.locator("#id_address")).to_have_value(home["address"])
    phone.go_back()
    phone.click("text=Купить по этой цене")
    confirm(phone)
    pay(phone)


def picture(folder: Path, name: str, size: tuple[int, int] = (640, 480), **more: Any) -> Path:
    place = folder / name
    Image.effect_noise(size, 40).convert("RGB").save(place, "JPEG", **more)
    return place


def kasko_of(phone: Page, *, age: int, value: str) -> None:
    """The car and who drives, up to the price."""
    phone.click("a[href='/shop/kasko/']")
    year = str(timezone.localdate().year - age)
    car = {
        "make": "Hyundai",
        "model": "Creta",
        "vin": "XTA210990Y2765432",
        "year": year,
        "sum_insured": value,
    }
    fill(phone, car | {"territory": "kazan", "starts_on": soon()})
    phone.click("text=Дальше")
    driver = {"last_name": "Новикова", "first_name": "Ольга", "birth_date": "12.04.1986"}
    fill(phone, driver | {"licence": "9912345678", "experience_since": "01.06.2010"}, "form-0-")
    phone.check("[name=agree_personal]")
    phone.click("text=Показать цену")


def test_kasko_of_a_new_car_is_bought_on_a_phone(phone: Page) -> None:
    kasko_of(phone, age=0, value="2 400 000")
    expect(phone.locator("main")).not_to_contain_text("фото машины")
    price = phone.locator("label:has(:checked) b").inner_text()
    check_access(phone, widths=(390,))
    phone.click("text=Купить по этой цене")
    confirm(phone)
    expect(phone.locator("main")).to_contain_text(price)
    pay(phone)
    assert Policy.objects.get().product.line == "kasko"


def test_kasko_of_a_used_car_asks_for_photos(phone: Page, tmp_path: Path) -> None:
    kasko_of(phone, age=5, value="1 500 000")
    expect(phone.locator("main")).to_contain_text("Сначала шесть фото машины")
    phone.click("text=Продолжить по этой цене")
    confirm(phone)
    phone.click("text=Всё верно, сделать фото")
    phone.wait_for_url("**/photos/**")
    check_access(phone, widths=(390,))
    inputs = phone.locator("input[type=file]")
    expect(inputs).to_have_count(6)

    heic = tmp_path / "one.heic"
    heic.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    inputs.nth(0).set_input_files(heic)
    expect(phone.locator("li").nth(0)).to_contain_text("HEIC")
    expect(phone.locator("#photos")).to_contain_text("Снято 0 из 6")

    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    big = picture(tmp_path, "big.jpg", (4000, 3000), exif=exif)
    assert b"Camera" in big.read_bytes()
    inputs.nth(0).set_input_files(big)
    expect(phone.locator("#photos")).to_contain_text("Снято 1 из 6")
    with Shot.objects.get().file.open("rb") as stored:
        kept = stored.read()
    with Image.open(io.BytesIO(kept)) as made:
        assert (made.format, made.size, dict(made.getexif())) == ("JPEG", (1920, 1440), {})

    phone.context.set_offline(True)
    inputs.nth(1).set_input_files(picture(tmp_path, "two.jpg"))
    expect(phone.locator("#toasts")).to_contain_text("связ", ignore_case=True)
    phone.context.set_offline(False)
    phone.reload()
    expect(phone.locator("#photos")).to_contain_text("Снято 1 из 6")  # what had come stayed
    for place in range(1, 6):
        inputs.nth(place).set_input_files(picture(tmp_path, f"{place}.jpg"))
        expect(phone.locator("#photos")).to_contain_text(f"Снято {place + 1} из 6")
    before = Shot.objects.order_by("pk").first()
    assert before is not None
    with phone.expect_response("**/photos/**"):  # taken again: the newest counts
        inputs.nth(0).set_input_files(picture(tmp_path, "again.jpg", (800, 600)))
    phone.reload()
    with Shot.objects.get(pk=before.pk).file.open("rb") as stored, Image.open(stored) as made:
        assert made.size == (800, 600)
    assert Shot.objects.count() == 6
    phone.click("text=Передать фото")
    expect(phone.locator("main")).to_contain_text("Решение пришлём в SMS")
    assert Inspection.objects.get().done_at is not None
    assert Referral.objects.get().state == "waiting"
    assert not Policy.objects.exists()


@pytest.fixture
def other_site(live_server: Any) -> Iterator[str]:
    """A site of somebody else with one line of ours."""
    body = f'<!doctype html><title>Site</title><h1>Partner</h1><script src="{live_server}/request-form.js" data-form="kasko" data-height="300"></script>'

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_args: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_form_on_another_site_is_as_high_as_it_is(
    visit: Callable[..., Page], transactional_db: None, kazan: Branch, other_site: str
) -> None:
    now = timezone.now()
    values = {"name": "КАСКО", "title": "Рассчитать КАСКО", "branch": kazan, "origins": [other_site]}
    create_intake(actor=None, now=now, key="kasko", values=values, consent="Согласен на звонок.")
    page = visit("/ask/kasko/")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{other_site}/?utm_source=vk")
    frame, form = page.locator("iframe"), page.frame_locator("iframe")
    expect(form.get_by_role("heading", name="Рассчитать КАСКО")).to_be_visible()

    def fits() -> bool:
        inner = next(one for one in page.frames if "/ask/" in one.url)
        needs = inner.evaluate(
            "Math.ceil(document.getElementById('main').getBoundingClientRect().bottom + scrollY)"
        )
        return abs(frame.evaluate("one => one.offsetHeight") - needs) <= 1 and needs != 300

    page.wait_for_timeout(400)
    assert fits()
    before = frame.evaluate("one => one.offsetHeight")
    form.get_by_role("button", name="Отправить заявку").click()  # the errors need more room
    expect(form.locator(".err").first).to_be_visible()
    page.wait_for_timeout(400)
    assert fits()
    grown = frame.evaluate("one => one.offsetHeight")
    assert grown > before
    # Words of somebody else are not heard, nor are those of the site itself.
    page.evaluate("window.postMessage({type: 'clientela-form', height: 5000}, '*')")
    page.wait_for_timeout(200)
    assert frame.evaluate("one => one.offsetHeight") == grown
    form.get_by_label("Ваше имя").fill("Миннуллина Резеда")
    form.get_by_label("Телефон").fill("+7 987 000-63-19")
    form.get_by_label("Согласен на звонок.").check()
    form.get_by_role("button", name="Отправить заявку").click()
    expect(form.locator("#main")).to_contain_text("Спасибо")
    page.wait_for_timeout(400)
    assert frame.evaluate("one => one.offsetHeight") < before
    made = Request.objects.get()
    assert (made.source, made.utm) == ("widget", {"utm_source": "vk"})
