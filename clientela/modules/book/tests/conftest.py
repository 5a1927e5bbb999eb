"""A test of КАСКО with two questions, required from the 18th of November 2026."""

from datetime import date

import pytest

from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.products.models import Product

DAY = date(2026, 11, 18)


@pytest.fixture
def kasko_test(kasko: Product) -> Test:
    test = Test.objects.create(product=kasko, title="КАСКО, тариф 13", pass_mark=2, required_from=DAY)
    Question.objects.create(
        test=test, place=1, text="Франшиза?", topic="франшизу", options=["да", "нет"], right=[0],
        explanation="Её платит клиент.",
    )  # fmt: skip
    Question.objects.create(
        test=test, place=2, text="Осмотр?", topic="осмотр", options=["а", "б", "в"], right=[0, 2]
    )
    return test


def places(attempt: Attempt, place: int, *texts: str) -> list[int]:
    """Where options stand as this attempt shows them."""
    return [attempt.paper[place]["options"].index(text) for text in texts]
