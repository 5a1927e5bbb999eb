from datetime import timedelta

import pytest
from django.utils import timezone

from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import load_shipped, note_occasion, record_answer


@pytest.fixture
def surveys(db, now):
    load_shipped(now=now)
    return {survey.code: survey for survey in Survey.objects.all()}


@pytest.fixture
def answer(surveys):
    """``answer(vera, 9, "Спасибо", kind="purchase")``: an answer given today, in a call."""

    def one(client, score, comment="", kind="purchase", ago=timedelta(0)):
        now = timezone.now() - ago
        occasion = f"{kind}:{SurveyRequest.objects.count() + 1}"
        note_occasion(
            now=now, kind=kind, occasion=occasion, client_id=client.pk, about="ОСАГО ХХХ 0412773905"
        )
        row = SurveyRequest.objects.order_by("-id").first()
        return record_answer(actor=None, now=now, request=row, score=score, comment=comment, via="call")

    return one
