"""Acts with the plan and with the client: hold, lose, note, opt out."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.accounts.rules import Permission
from clientela.modules.clients.operations.notes import EmptyNote, add_note
from clientela.modules.contacts.models import Purpose
from clientela.modules.contacts.operations.consents import withdraw_consent
from clientela.modules.renewals.operations.work import (
    AlreadyPaid,
    HoldInPast,
    hold_plan,
    mark_lost,
)
from clientela.workspace.renewals.acts.base import Act, Case, Done, Refused, name_of
from clientela.workspace.renewals.forms import (
    HoldForm,
    LossForm,
    NoteForm,
    OptOutForm,
)
from clientela.workspace.renewals.queries import term as reads

# --- the plan ----------------------------------------------------------------------------------------


def _hold(case: Case, data: dict[str, Any]) -> Done:
    try:
        hold_plan(
            actor=case.actor, now=case.now, renewal=case.term, until=data["until"], reason=data["reason"]
        )
    except HoldInPast as error:
        raise Refused(str(error), "until") from None
    words = {"day": formats.long_date(data["until"], get_language() or "ru", case.today)}
    return Done(
        _("Nothing will be sent until %(day)s") % words, reverse("renewals:release", args=[case.term.pk])
    )


def _lost(case: Case, data: dict[str, Any]) -> Done:
    try:
        mark_lost(actor=case.actor, now=case.now, renewal=case.term, reason=data["reason"], note=data["note"])
    except AlreadyPaid as error:
        raise Refused(str(error)) from None
    return Done(_("Marked as lost, the plan is stopped"), reverse("renewals:reopen", args=[case.term.pk]))


# --- the client --------------------------------------------------------------------------------------


def _note(case: Case, data: dict[str, Any]) -> Done:
    try:
        add_note(actor=case.actor, now=case.now, client=case.term.client, text=data["text"])
    except EmptyNote:
        raise Refused(_("Write something."), "text") from None
    return Done(_("Note kept on the client"))


def _opt_out_form(case: Case, data: Any) -> OptOutForm:
    given = reads.consents_of(case.term)
    return OptOutForm(data, channels=[(code, str(CHANNELS[code][1])) for code in given if code in CHANNELS])


@transaction.atomic
def _opt_out(case: Case, data: dict[str, Any]) -> Done:
    for channel in data["channels"]:
        withdraw_consent(
            actor=case.actor, now=case.now, client=case.term.client, purpose=Purpose.SERVICE,
            channel=channel, via="renewals",
        )  # fmt: skip
    case.settle()
    names = ", ".join(str(CHANNELS[code][1]) for code in data["channels"])
    return Done(_("No more messages about contracts by: %(names)s") % {"names": names})


def _opt_out_lead(case: Case) -> str:
    if not reads.consents_of(case.term):
        return _("The client has no consent in force for messages about contracts.")
    return _("The consent is withdrawn at once; what waits to be sent is stopped.")


ACTS = (
    Act(
        "loss", Permission.RENEWALS_WRITE, gettext_lazy("Mark as lost"),
        lambda case, data: LossForm(data), _lost,
        lambda case: _("%(name)s will not renew") % {"name": name_of(case)},
        lambda case: _("The plan of touches stops at once. It can be taken back."), "danger",
    ),
    Act(
        "hold", Permission.RENEWALS_WRITE, gettext_lazy("Hold the plan"),
        lambda case, data: HoldForm(data, today=case.today, end=case.term.end_date), _hold,
        lambda case: _("Hold the plan of %(name)s") % {"name": name_of(case)},
    ),
    Act(
        "note", Permission.CLIENTS_WRITE, gettext_lazy("Keep the note"), lambda case, data: NoteForm(data), _note,
        lambda case: _("Note on %(name)s") % {"name": name_of(case)},
    ),
    Act(
        "opt-out", Permission.CONTACTS_WRITE, gettext_lazy("Withdraw the consent"), _opt_out_form, _opt_out,
        lambda case: _("%(name)s wants no messages") % {"name": name_of(case)}, _opt_out_lead, "danger",
    ),
)  # fmt: skip
