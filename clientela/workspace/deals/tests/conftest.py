"""Deals of the cast, on the screens."""

from clientela.modules.sales.tests.conftest import kasko_funnel, make_deal, price, sales

__all__ = ["kasko_funnel", "make_deal", "price", "sales"]
