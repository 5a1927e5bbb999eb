import pytest

from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import ask_due, load_shipped, note_occasion


@pytest.fixture
def surveys(db, now):
    """The shipped surveys by their code."""
    load_shipped(now=now)
    return {survey.code: survey for survey in Survey.objects.all()}


@pytest.fixture
def asked(surveys, vera, now):
    """Vera was asked after a purchase, at ``now``."""
    Survey.objects.filter(code="purchase").update(delay_hours=0)
    note_occasion(
        now=now, kind="purchase", occasion="policy:7", client_id=vera.pk, about="ОСАГО ХХХ 0412773905"
    )
    ask_due(now=now)
    return SurveyRequest.objects.select_related("survey", "client").get()
