"""How an attempt came out, in the words of an operator."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Outcome(models.TextChoices):
    """The first nine are said with the keys 1 … 9; the network tells busy, no answer and not connected."""

    AGREED = "agreed", pgettext_lazy("attempt", "Renews at the agent")
    QUOTE = "quote", pgettext_lazy("attempt", "Wants a quote")
    LATER = "later", pgettext_lazy("attempt", "Call later")
    TOO_DEAR = "too_dear", pgettext_lazy("attempt", "Too dear")
    ELSEWHERE = "elsewhere", pgettext_lazy("attempt", "Insured elsewhere")
    SOLD = "sold", pgettext_lazy("attempt", "Sold it")
    WRONG_NUMBER = "wrong_number", pgettext_lazy("attempt", "Not this person")
    DO_NOT_CALL = "do_not_call", pgettext_lazy("attempt", "Do not call any more")
    MEETING = "meeting", pgettext_lazy("attempt", "Meeting booked")
    PROMISED = "promised", pgettext_lazy("attempt", "Promised to renew by a day")
    REFUSED = "refused", pgettext_lazy("attempt", "Refused")
    VOICEMAIL = "voicemail", pgettext_lazy("attempt", "Answering machine")
    NO_ANSWER = "no_answer", pgettext_lazy("attempt", "No answer")
    BUSY = "busy", pgettext_lazy("attempt", "Busy")
    FAILED = "failed", pgettext_lazy("attempt", "Not connected")
    UNSAID = "unsaid", pgettext_lazy("attempt", "Talked, outcome not given")


# After these nobody calls the client for this entry any more.
OVER = frozenset(
    {
        Outcome.AGREED, Outcome.QUOTE, Outcome.TOO_DEAR, Outcome.ELSEWHERE, Outcome.SOLD, Outcome.WRONG_NUMBER,
        Outcome.DO_NOT_CALL, Outcome.REFUSED,
    }
)  # fmt: skip
# The client names the moment.
DATED = frozenset({Outcome.LATER, Outcome.PROMISED, Outcome.MEETING})
# Nobody was talked to.
UNREACHED = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED, Outcome.VOICEMAIL})
BY_KEY = tuple(Outcome)[:9]
BESIDES = (
    Outcome.PROMISED, Outcome.REFUSED, Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED,
)  # fmt: skip
# What a call of ours came to by itself (``calls.rules.Outcome``), as an attempt says it.
_OF_CALL = {
    "busy": Outcome.BUSY, "no_answer": Outcome.NO_ANSWER, "rejected": Outcome.NO_ANSWER,
    "unreachable": Outcome.NO_ANSWER, "wrong_number": Outcome.WRONG_NUMBER, "failed": Outcome.FAILED,
    "not_dialled": Outcome.FAILED,
}  # fmt: skip


def of_call(outcome: str) -> Outcome | None:
    """What the network says of a call that nobody answered; None where people talked."""
    return _OF_CALL.get(outcome)


def counts(outcome: str) -> bool:
    """Whether the client's telephone rang: what failed before that is no attempt at the client."""
    return outcome != Outcome.FAILED
