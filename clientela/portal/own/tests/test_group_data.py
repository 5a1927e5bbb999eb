"""The client sees what others told, gives the consent and takes it back."""

from datetime import timedelta

from clientela.modules.group.models import Fact
from clientela.modules.group.operations.taking import bring
from clientela.modules.group.rules import Told
from clientela.modules.group.tests.conftest import PASSPORT, agreed, bank, clinic, kinds, program, text  # noqa: F401

PAGE = "/my/group-data/"


def test_what_others_told_is_shown_and_removed(enter, agreed, program, now):  # noqa: F811
    bring(
        actor=program,
        now=now,
        told=[Told(1, now.date() - timedelta(days=3), {"mortgage_debt": 3200000}, passport=PASSPORT)],
    )
    browser = enter()
    page = browser.get(PAGE).content.decode()
    assert "Остаток по ипотеке" in page
    assert "Банк «Берег»" in page
    assert "15.11.2026" in page
    assert browser.get("/my/").content.decode().count(f'href="{PAGE}"') >= 1
    page = browser.post(f"{PAGE}withdrawal/", follow=True).content.decode()
    assert "Согласие отозвано" in page
    assert "Остаток по ипотеке</b>" not in page
    assert not Fact.objects.exists()


def test_the_box_is_ticked_by_the_client(enter, vera, text):  # noqa: F811
    browser = enter()
    assert 'value="yes" class="pick mt-1"' in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}consent/").status_code == 422
    assert not vera.consents.filter(purpose="group_data").exists()
    assert browser.post(f"{PAGE}consent/", {"agree": "yes"}).status_code == 302
    assert vera.consents.get(purpose="group_data").source == "own pages"


def test_without_a_text_there_is_nothing_to_agree_to(enter, vera):
    browser = enter()
    assert browser.post(f"{PAGE}consent/", {"agree": "yes"}).status_code == 409
    assert f'href="{PAGE}"' not in browser.get("/my/").content.decode()
