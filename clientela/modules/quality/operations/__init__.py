"""Every change to surveys and to what clients answer is one of these verbs."""

from clientela.modules.quality.operations.answering import (
    NothingToSettle,
    NotOnScale,
    TooLate,
    record_answer,
    settle,
    unsettle,
)
from clientela.modules.quality.operations.asking import ask_due, note_occasion
from clientela.modules.quality.operations.surveys import InvalidSurvey, edit_survey, load_shipped

__all__ = [
    "InvalidSurvey",
    "NotOnScale",
    "NothingToSettle",
    "TooLate",
    "ask_due",
    "edit_survey",
    "load_shipped",
    "note_occasion",
    "record_answer",
    "settle",
    "unsettle",
]
