"""Why a client gets no letter, in words; the rows of the list that goes to the post."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from clientela.modules.contacts.rules import Verdict, describe
from clientela.modules.letters.models import Letter, Mailing
from clientela.modules.letters.operations.making import NO_TERM, NO_VALUE


def why(letter: Letter) -> str:
    """One sentence."""
    if letter.reason == NO_TERM:
        return _("The text names a policy, and the client has no open term")
    if letter.reason == NO_VALUE:
        return _("The text names something that this term does not have")
    if letter.state == Letter.State.WITHDRAWN:
        return _("The client asked not to be contacted after the letter was made")
    if letter.message is not None and letter.message.verdict:
        failed = [check for check in Verdict.from_json(letter.message.verdict).checks if not check.passed]
        if failed:
            return str(describe(failed[0]))
    return letter.reason


def list_head() -> list[str]:
    return [_("No."), _("Client"), _("Postcode"), _("Address"), _("Pages"), _("State"), _("Sent")]


def list_rows(mailing: Mailing) -> Iterator[list[Any]]:
    """The numbered letters in the order of the file; who must not get one any more is told."""
    rows = mailing.letters.filter(number__isnull=False).select_related("client", "message").order_by("number")
    for letter in rows.iterator(chunk_size=1000):
        stopped = (
            letter.state == Letter.State.ACCEPTED and letter.message and letter.message.state == "dropped"
        )
        state = Letter.State.WITHDRAWN.label if stopped else letter.get_state_display()
        sent = letter.message.sent_at if letter.message else None
        yield [
            letter.number, letter.client.name, letter.postal_code, letter.address, letter.pages, str(state),
            f"{sent:%Y-%m-%d}" if sent else "",
        ]  # fmt: skip
