"""Whoever signs in finds open doors: the landing page and every link that the frame offers to the role."""

import re

import pytest

from clientela.modules.accounts.rules import Role
from tests.access.people import COMPANY, NEAR

OF_NAMES = {"anna": Role.AGENT}
FRAME = re.compile(r"<(nav|header|aside)\b.*?</\1>", re.DOTALL)
LINK = re.compile(r'href="(/[^"]*)"')


def offered(html):
    """Own addresses within menu, bar of the phone and menu of the person."""
    return {link for part in FRAME.finditer(html) for link in LINK.findall(part[0])}


@pytest.mark.parametrize("name", [*NEAR, *COMPANY])
def test_every_door_of_the_menu_is_open(request, sign_in, vera_renewal, boris_renewal, name):
    page = sign_in(request.getfixturevalue(name))
    landing = page.get("/", follow=True)  # to the page of the role
    assert landing.status_code == 200
    links = {link for link in offered(landing.content.decode()) if not link.startswith("/static/")}
    assert len(links) > 5
    seen = {link: page.get(link, follow=True).status_code for link in links - {"/account/logout/"}}
    assert {link: status for link, status in seen.items() if status != 200} == {}


def test_every_role_walks_through_the_matrix():
    walkers = {OF_NAMES.get(name, name) for name in [*NEAR, *COMPANY]}
    assert walkers == set(Role) - {Role.SISTER}  # a sister company's program has no page
