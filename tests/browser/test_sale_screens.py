"""The screens of a sale as each role meets them: from the request to the paid policy, and what the company sets up."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.looking import walk

pytestmark = [pytest.mark.browser, pytest.mark.server]
SCREENS = {
    "anna": {
        "requests": "/requests/?tab=all", "request": "/requests/{request}/", "deals": "/deals/", "deal": "/deals/{deal}/",
        "deals-list": "/deals/?view=list", "deal-new": "/deals/new/", "deals-figures": "/deals/figures/",
        "quotes": "/quotes/", "quote-new": "/quotes/new/?client={client}", "quote": "/quotes/{calculation}/", "quote-sent": "/quotes/{sent}/",
        "contracts": "/policies/", "contract": "/policies/{policy}/", "deliveries": "/deliveries/",
        "prospects": "/clients/?advised=kasko", "household": "/clients/{client}/household/",
        "classes": "/bonus-malus/", "class-dispute": "/bonus-malus/disputes/{dispute}/",
        "book": "/book/{product}/", "book-entry": "/book/{product}/{book_entry}/", "book-found": "/book/?q=франшиза",
        "claims": "/claims/", "claim": "/claims/{claim}/", "claim-new": "/claims/new/?policy={policy}",
        "calling-lists": "/dialler/", "calling": "/dialler/{calling}/",
    },
    "branch_head": {"wallboard": "/wallboard/", "referrals-head": "/underwriting/", "duplicates": "/duplicates/", "duplicate-rules": "/duplicates/rules/",
        "duplicate-joins": "/duplicates/joins/",
        "rents": "/commission/rent/", "claim-head": "/claims/{claim}/",
    },
    "renewals_manager": {
        "request-rules": "/requests/rules/",
        "funnels": "/deals/funnels/?funnel={funnel}", "script": "/deals/scripts/{script}/", "calling-settings": "/dialler/{calling}/settings/",
    },
    "product_manager": {
        "landing-products": "/products/", "table": "/products/tables/{table}/", "paper-templates": "/document-templates/",
        "paper-template": "/document-templates/{template}/", "paper-newer": "/document-templates/{template}/shipped/", "book-kept": "/book/{product}/{book_entry}/",
        "book-new": "/book/{product}/new/",
    },
    "underwriter": {
        "landing-referrals": "/underwriting/", "referral": "/underwriting/referrals/{referral}/",
        "quote-referred": "/quotes/{calculation}/",
    },
    "administrator": {
        "payments": "/payments/", "rent-terms": "/commission/rent/terms/", "requisites": "/payments/requisites/", "request-forms": "/requests/forms/",
        "request-form": "/requests/forms/{intake}/", "authority": "/underwriting/authority/",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", SCREENS)
def test_the_sale_as_a_role_sees_it(
    visit: Callable[..., Page], sale: dict[str, Any], request: pytest.FixtureRequest, role: str
) -> None:
    page = visit("/health/live", request.getfixturevalue(role))
    walk(page, SCREENS[role], sale)
