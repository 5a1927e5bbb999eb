"""What a client sees without signing in: the shop's shelf and first steps, offer, photos, payment, checking, request."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.looking import walk

pytestmark = [pytest.mark.browser, pytest.mark.server]
SCREENS = {
    "shelf": "/shop/", "shop-osago": "/shop/osago/", "shop-kasko": "/shop/kasko/", "shop-travel": "/shop/travel/",
    "shop-property": "/shop/property/", "shop-consent": "/shop/consent/personal/", "offer": "/offer/{offer}/",
    "photos": "/photos/{photos}/", "checking": "/p/{paper}/", "pay": "/pay/{pay}/", "ask": "/ask/kasko/", "wall": "/wall/{wall}/",
    "delivery": "/delivery/{delivery}/",
}  # fmt: skip


def test_the_pages_of_clients(visit: Callable[..., Page], sale: dict[str, Any]) -> None:
    walk(visit("/health/live"), SCREENS, sale)
