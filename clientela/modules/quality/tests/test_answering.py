"""What clients answer, and the call back to who is not content."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.contacts.events import MessageReceived
from clientela.modules.contacts.models import Message
from clientela.modules.quality.handlers import on_message
from clientela.modules.quality.models import SurveyRequest
from clientela.modules.quality.operations import (
    InvalidSurvey,
    NothingToSettle,
    NotOnScale,
    TooLate,
    edit_survey,
    record_answer,
    settle,
    unsettle,
)
from clientela.modules.quality.operations.answering import NoteMissing
from tests.cast import VERAS_PHONE

DAY = timedelta(days=1)


def give(asked, now, score, **values):
    return record_answer(actor=values.pop("actor", None), now=now, request=asked, score=score,
                         via=values.pop("via", "link"), **values)  # fmt: skip


def test_a_content_client(asked, now):
    row = give(asked, now, 10, comment="  Анна всё объяснила  ")
    assert (row.state, row.group, row.score, row.via) == ("answered", "good", 10, "link")
    assert (row.comment, row.call_back_by) == ("Анна всё объяснила", None)
    event = Event.objects.get(name="quality.FeedbackGiven")
    assert event.payload == {
        "request_id": row.pk, "client_id": row.client_id, "metric": "nps", "score": 10, "group": "good",
    }  # fmt: skip
    give(asked, now + DAY, 10, comment="Анна всё объяснила")
    assert Event.objects.filter(name="quality.FeedbackGiven").count() == 1, (
        "the same answer again changes nothing"
    )


def test_who_is_not_content_is_called_back_within_a_working_day(asked, now):
    # Wednesday 10:42 in Moscow and nine working hours of 9–18.
    row = give(asked, now, 3)
    assert row.call_back_by == datetime(2026, 11, 19, 7, 42, tzinfo=UTC)
    assert list(SurveyRequest.objects.to_call_back()) == [row]
    row = give(asked, now + DAY, 9)
    assert (row.call_back_by, row.group) == (None, "good")


@pytest.mark.parametrize("score", [-1, 11])
def test_a_number_off_the_scale_is_refused(asked, now, score):
    with pytest.raises(NotOnScale):
        give(asked, now, score)
    asked.refresh_from_db()
    assert (asked.state, asked.score) == ("asked", None)


def test_a_link_ends_after_two_months_a_call_does_not(asked, anna, now):
    with pytest.raises(TooLate):
        give(asked, now + 61 * DAY, 9)
    assert give(asked, now + 61 * DAY, 9, actor=anna, via="call").state == "answered"


def test_another_branch_writes_nothing_down(asked, boris, now):
    with pytest.raises(PermissionDenied):
        give(asked, now, 9, actor=boris, via="call")
    asked.refresh_from_db()
    assert asked.score is None


def test_the_call_back_is_written_down_and_taken_back(asked, anna, boris, now):
    give(asked, now, 2, comment="Никто не перезвонил")
    with pytest.raises(NoteMissing):
        settle(actor=anna, now=now, request=asked, note=" ")
    with pytest.raises(PermissionDenied):
        settle(actor=boris, now=now, request=asked, note="Договорились")
    assert SurveyRequest.objects.to_call_back().exists()
    row = settle(actor=anna, now=now + DAY, request=asked, note="Извинилась, пересчитала")
    assert (row.settled_by, row.settled_note) == (anna, "Извинилась, пересчитала")
    assert Entry.objects.filter(action="feedback.settled").count() == 1
    with pytest.raises(NothingToSettle):
        settle(actor=anna, now=now, request=asked, note="ещё раз")
    # A changed answer does not call a client twice.
    assert give(asked, now + DAY, 1).settled_at == now + DAY
    row = unsettle(actor=anna, now=now + DAY, request=asked)
    assert list(SurveyRequest.objects.to_call_back()) == [row]


def test_a_reply_with_a_number_is_an_answer(asked, vera, write_in, now):
    ours = Message.objects.get(origin="quality.request")
    for text, score in (("Спасибо, всё хорошо", None), ("9 из 10", 9), ("4", 4)):
        said = write_in(text, sender=VERAS_PHONE, at=now + timedelta(minutes=score or 0))
        Message.objects.filter(pk=said.pk).update(in_reply_to=ours)
        on_message(MessageReceived(said.pk, vera.pk, "sms", ours.pk), now=now)
        asked.refresh_from_db()
        assert (asked.score, asked.via) == (score, "reply" if score else "")


def test_a_survey_is_changed_by_the_quality_service(surveys, quality, anna, now):
    survey = surveys["purchase"]
    values = {
        name: getattr(survey, name)
        for name in (
            "name",
            "question",
            "invitation",
            "subject",
            "channels",
            "delay_hours",
            "rest_days",
            "is_active",
        )
    }
    with pytest.raises(PermissionDenied):
        edit_survey(actor=anna, now=now, survey=survey, **values | {"delay_hours": 1})
    for wrong, field in (
        ({"invitation": "Посоветуете нас?"}, "invitation"), ({"invitation": "{link} {price}"}, "invitation"),
        ({"channels": []}, "channels"), ({"channels": ["fax"]}, "channels"), ({"subject": " "}, "subject"),
        ({"rest_days": 731}, "rest_days"), ({"question": ""}, "question"),
    ):  # fmt: skip
        with pytest.raises(InvalidSurvey) as refused:
            edit_survey(actor=quality, now=now, survey=survey, **values | wrong)
        assert refused.value.field == field
    survey.refresh_from_db()
    assert survey.delay_hours == 48
    edit_survey(actor=quality, now=now, survey=survey, **values | {"delay_hours": 24})
    assert Entry.objects.get(action="survey.edited").changes == {"delay_hours": [48, 24]}
