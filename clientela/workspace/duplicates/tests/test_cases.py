"""Three cards that hang together: seen at once, joined in one go, parted in one go."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.resolution.models import LinkModel, Pair
from clientela.modules.resolution.operations import case_of, tell_apart
from clientela.workspace.quotes.tests.test_window import text_of

SignIn = Callable[[User], Browser]


@pytest.fixture
def chain(vera: Client, make_client: Any, anna: User, now: datetime) -> list[Client]:
    """Vera's card, a second one like it, and a third like the second."""
    cards = [vera, *(make_client(anna.agent, "Зорина", "Вера", birth_date=vera.birth_date) for _ in range(2))]
    model = LinkModel.objects.create(parameters={}, cards=2, made_at=now, is_active=True)
    for one, other in ((0, 1), (1, 2)):
        Pair.objects.create(
            low_card=cards[one].pk,
            high_card=cards[other].pk,
            probability=0.97,
            weight=5,
            model=model,
            seen_by_job=1,
        )
    return cards


def numbers(cards: list[Client]) -> list[int]:
    rows = Client.objects.filter(pk__in=[card.pk for card in cards]).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def test_a_chain_is_one_case(chain: list[Client], administrator: User, sign_in: SignIn) -> None:
    pair = Pair.objects.earliest("pk")
    assert case_of(pair) == tuple(card.pk for card in chain)
    browser = sign_in(administrator)
    assert "С этими связана ещё 1 карточка" in text_of(browser.get(f"/duplicates/{pair.pk}/"))
    page = text_of(browser.get(f"/duplicates/{pair.pk}/together/"))
    assert "3 карточки, один клиент?" in page
    for card in chain:
        assert f'name="kept" value="{card.pk}"' in page


def test_three_are_joined_and_parted_in_one_go(
    chain: list[Client], administrator: User, sign_in: SignIn
) -> None:
    pair, browser = Pair.objects.earliest("pk"), sign_in(administrator)
    whole = numbers(chain)
    kept = chain[1].pk
    browser.post(f"/duplicates/{pair.pk}/together/", {"card": whole, "kept": kept})
    assert numbers(chain) == [kept]
    assert set(Pair.objects.values_list("state", "decided_by")) == {("merged", administrator.pk)}
    page = text_of(browser.get("/duplicates/"))
    assert "/parting/" in page
    browser.post(f"/duplicates/{pair.pk}/parting/")
    assert numbers(chain) == whole
    assert set(Pair.objects.values_list("state", flat=True)) == {"open"}


def test_only_the_marked_ones_that_hang_together_are_joined(
    chain: list[Client], administrator: User, sign_in: SignIn
) -> None:
    pair, browser, path = Pair.objects.earliest("pk"), sign_in(administrator), "/duplicates/{}/together/"
    ends = [chain[0].pk, chain[2].pk]
    refused = browser.post(path.format(pair.pk), {"card": ends, "kept": ends[0]})
    assert refused.status_code == 409
    assert browser.post(path.format(pair.pk), {"card": ends}).status_code == 409
    browser.post(path.format(pair.pk), {"card": [card.pk for card in chain[:2]], "kept": chain[0].pk})
    assert numbers(chain) == ends


def test_people_who_were_told_apart_are_not_joined_in_a_case(
    chain: list[Client], administrator: User, sign_in: SignIn, now: datetime
) -> None:
    first, second = Pair.objects.order_by("pk")
    apart = Pair.objects.create(
        low_card=chain[0].pk,
        high_card=chain[2].pk,
        probability=0.6,
        weight=1,
        model=first.model,
        seen_by_job=1,
    )
    tell_apart(actor=administrator, now=now, pair=apart)
    given = {"card": [card.pk for card in chain], "kept": chain[0].pk}
    answer = sign_in(administrator).post(f"/duplicates/{second.pk}/together/", given)
    assert answer.status_code == 409
    assert "разные клиенты" in text_of(answer)
    assert len(numbers(chain)) == 3


def test_cards_of_others_are_not_shown_and_not_joined(
    chain: list[Client], boris: User, branch_head: User, make_client: Any, sign_in: SignIn
) -> None:
    pair = Pair.objects.earliest("pk")
    foreign = make_client(boris.agent, "Чужой", "Иван")
    Pair.objects.create(
        low_card=chain[2].pk,
        high_card=foreign.pk,
        probability=0.96,
        weight=5,
        model=pair.model,
        seen_by_job=1,
    )
    browser = sign_in(branch_head)
    page = text_of(browser.get(f"/duplicates/{pair.pk}/together/"))
    assert "Чужой" not in page
    given = {"card": [card.pk for card in (*chain, foreign)], "kept": chain[0].pk}
    assert browser.post(f"/duplicates/{pair.pk}/together/", given).status_code in {403, 409}
    assert Client.objects.filter(pk=foreign.pk).exists()
