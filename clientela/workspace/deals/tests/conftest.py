"""Deals of the cast, on the screens."""

from clientela.modules.sales.tests.conftest import kasko_funnel, make_deal, price, sales, tariffs

__all__ = ["kasko_funnel", "make_deal", "price", "sales", "tariffs"]
