"""The acts of the drawer: their forms, what they say, and the operation behind each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.accounts.rules import Permission
from clientela.modules.billing.operations import InvalidAmount, MoreThanDue, register_payment
from clientela.modules.billing.queries import balance_of_project
from clientela.modules.clients.operations.notes import EmptyNote, add_note
from clientela.modules.contacts.models import Message, Purpose
from clientela.modules.contacts.operations.consents import withdraw_consent
from clientela.modules.contacts.rules import Verdict, describe
from clientela.modules.contracts.models import Project
from clientela.modules.contracts.operations import (
    AlreadyRenewed,
    InvalidPremium,
    ProjectClosed,
    ProjectExists,
    ReasonRequired,
    make_quote,
    prepare_project,
    reprice_project,
)
from clientela.modules.renewals.models import Reach, Renewal
from clientela.modules.renewals.operations.offers import NoProject, send_offer
from clientela.modules.renewals.operations.terms import refresh
from clientela.modules.renewals.operations.work import (
    AlreadyPaid,
    HoldInPast,
    drop_blocked,
    hold_plan,
    mark_lost,
)
from clientela.workspace.renewals.forms import (
    HoldForm,
    LossForm,
    NoteForm,
    OfferForm,
    OptOutForm,
    PaymentForm,
    ProjectForm,
    QuoteForm,
)
from clientela.workspace.renewals.queries import term as reads


class Refused(Exception):
    """The act cannot be done; the sentence goes to a field, or to the whole form when ``field`` is None."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.text, self.field = text, field


@dataclass(frozen=True)
class Done:
    """What to tell the person, and where «Undo» goes when there is one."""

    text: str
    undo_url: str = ""
    kind: str = "good"


class Case:
    """A term in the hands of a person at a moment; the open project is read once."""

    def __init__(self, term: Renewal, *, actor: Any, today: date, now: datetime) -> None:
        self.term, self.actor, self.today, self.now = term, actor, today, now
        self.project: Project | None = reads.open_project(term)

    def money(self, amount: Decimal) -> str:
        """A sum in the person's language."""
        return formats.money(amount, get_language() or "ru")

    def settle(self) -> None:
        """Bring the term's facts up to date at once, without waiting for the events, and drop what they stop."""
        refresh(now=self.now, policy_ids=[self.term.policy_id])
        drop_blocked([self.term.pk], now=self.now)


@dataclass(frozen=True)
class Act:
    """One act of the drawer."""

    code: str
    permission: str
    verb: Promise
    form: Callable[[Case, Any], forms.Form]
    do: Callable[[Case, dict[str, Any]], Done]
    title: Callable[[Case], str]
    lead: Callable[[Case], str] = lambda _case: ""
    kind: str = "primary"
    needs_project: bool = False


def _name(case: Case) -> str:
    return case.term.client.name


# --- prices ------------------------------------------------------------------------------------------


def _price_refusals(act: Callable[[], Done]) -> Done:
    try:
        with transaction.atomic():
            return act()
    except InvalidPremium:
        raise Refused(_("Write a sum above zero."), "premium") from None
    except ReasonRequired:
        raise Refused(_("Say why the price differs from last term's."), "reason") from None
    except AlreadyRenewed as error:
        raise Refused(
            _("The next term is issued already: %(number)s.") % {"number": error.policy.number}
        ) from None
    except ProjectExists:
        raise Refused(_("Somebody prepared a project meanwhile. Close this and look again.")) from None
    except ProjectClosed:
        raise Refused(_("The project was paid or withdrawn meanwhile. Close this and look again.")) from None


def _quote(case: Case, data: dict[str, Any]) -> Done:
    def act() -> Done:
        make_quote(
            actor=case.actor, now=case.now, policy=case.term.policy, premium=data["premium"],
            note=data["note"], valid_until=data["valid_until"],
        )  # fmt: skip
        case.settle()
        return Done(_("Quote kept: %(sum)s") % {"sum": case.money(data["premium"])})

    return _price_refusals(act)


def _project(case: Case, data: dict[str, Any]) -> Done:
    def act() -> Done:
        values = {"actor": case.actor, "now": case.now, "premium": data["premium"], "reason": data["reason"]}
        if case.project is None:
            prepare_project(policy=case.term.policy, **values)
        else:
            reprice_project(project=case.project, **values)
        case.settle()
        return Done(_("Project ready: %(sum)s") % {"sum": case.money(data["premium"])})

    return _price_refusals(act)


def _project_form(case: Case, data: Any) -> ProjectForm:
    known = case.project
    carried = known.carried_premium if known else case.term.policy.premium
    initial = {"premium": known.premium, "reason": known.adjustment_reason} if known else {"premium": carried}
    return ProjectForm(data, initial=initial, carried=carried)


def _project_lead(case: Case) -> str:
    carried = case.project.carried_premium if case.project else case.term.policy.premium
    return _("Last term's price is carried over: %(sum)s. Another one needs a reason.") % {
        "sum": case.money(carried)
    }


# --- offer and payment -------------------------------------------------------------------------------

WRITTEN = {"sms": Reach.SMS, "email": Reach.EMAIL, "vk": Reach.VK}


def _offer_form(case: Case, data: Any) -> OfferForm:
    ways = [(code, str(CHANNELS[code][1])) for code, bit in WRITTEN.items() if case.term.reach & bit]
    return OfferForm(data, channels=ways, initial={"channel": ways[0][0] if ways else ""})


def _offer_lead(case: Case) -> str:
    if case.project is None:
        return _("There is no project yet: prepare it first, then send it.")
    if not any(case.term.reach & bit for bit in WRITTEN.values()):
        return _("The client has no address with a consent for messages about contracts.")
    words = {"sum": case.money(case.project.premium)}
    return (
        _("The client gets the price, %(sum)s, and the link to pay. The agent stays on the contract.") % words
    )


def _offer(case: Case, data: dict[str, Any]) -> Done:
    try:
        message = send_offer(actor=case.actor, now=case.now, renewal=case.term, channel=data["channel"])
    except NoProject:
        raise Refused(_("There is no project yet: prepare it first, then send it.")) from None
    if message.state == Message.State.DROPPED:
        failed = [c for c in Verdict.from_json(message.verdict).checks if not c.passed]
        why = str(describe(failed[0])) if failed else ""
        raise Refused(_("The communication policy does not let it go. %(why)s") % {"why": why}, "channel")
    case.settle()
    if message.not_before > case.now:
        at = formats.near_moment(message.not_before, get_language() or "ru", case.now, case.term.time_zone)
        return Done(
            _("The offer will go %(when)s, when the client may be written to") % {"when": at}, kind="warn"
        )
    return Done(_("The offer is on its way"))


def _payment_form(case: Case, data: Any) -> PaymentForm:
    due = balance_of_project(case.project).left if case.project else None
    return PaymentForm(data, initial={"amount": due})


def _payment_lead(case: Case) -> str:
    if case.project is None:
        return _("There is no project to pay for: prepare it first.")
    words = {"sum": case.money(balance_of_project(case.project).left)}
    return _("Due for the next term: %(sum)s. Paid in full, the policy is issued at once.") % words


def _payment(case: Case, data: dict[str, Any]) -> Done:
    if case.project is None:
        raise Refused(_("There is no project to pay for: prepare it first."))
    try:
        with transaction.atomic():
            payment = register_payment(
                actor=case.actor,
                now=case.now,
                amount=data["amount"],
                method=data["method"],
                project=case.project,
            )
            case.settle()
    except InvalidAmount:
        raise Refused(_("Write a sum above zero."), "amount") from None
    except MoreThanDue as error:
        raise Refused(
            _("More than is due: %(sum)s is left.") % {"sum": case.money(error.left)}, "amount"
        ) from None
    except ProjectClosed:
        raise Refused(_("The project was paid or withdrawn meanwhile. Close this and look again.")) from None
    issued = payment.policy
    if issued is not None:
        return Done(_("Paid in full, policy %(number)s is issued") % {"number": issued.number})
    left = balance_of_project(case.project).left
    return Done(_("Payment kept, %(sum)s is left") % {"sum": case.money(left)})


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


ACTS: dict[str, Act] = {
    known.code: known
    for known in (
        Act(
            "quote", Permission.CONTRACTS_WRITE, gettext_lazy("Keep the quote"),
            lambda case, data: QuoteForm(data, today=case.today), _quote,
            lambda case: _("Quote for %(name)s") % {"name": _name(case)},
        ),
        Act(
            "project", Permission.CONTRACTS_WRITE, gettext_lazy("Save the project"), _project_form, _project,
            lambda case: _("Next term of %(name)s") % {"name": _name(case)}, _project_lead,
        ),
        Act(
            "offer", Permission.CONTRACTS_WRITE, gettext_lazy("Send the offer"), _offer_form, _offer,
            lambda case: _("Offer to %(name)s") % {"name": _name(case)}, _offer_lead, needs_project=True,
        ),
        Act(
            "payment", Permission.PAYMENTS_WRITE, gettext_lazy("Register the payment"), _payment_form, _payment,
            lambda case: _("Payment from %(name)s") % {"name": _name(case)}, _payment_lead, needs_project=True,
        ),
        Act(
            "loss", Permission.RENEWALS_WRITE, gettext_lazy("Mark as lost"),
            lambda case, data: LossForm(data), _lost,
            lambda case: _("%(name)s will not renew") % {"name": _name(case)},
            lambda case: _("The plan of touches stops at once. It can be taken back."), "danger",
        ),
        Act(
            "hold", Permission.RENEWALS_WRITE, gettext_lazy("Hold the plan"),
            lambda case, data: HoldForm(data, today=case.today, end=case.term.end_date), _hold,
            lambda case: _("Hold the plan of %(name)s") % {"name": _name(case)},
        ),
        Act(
            "note", Permission.CLIENTS_WRITE, gettext_lazy("Keep the note"), lambda case, data: NoteForm(data), _note,
            lambda case: _("Note on %(name)s") % {"name": _name(case)},
        ),
        Act(
            "opt-out", Permission.CONTACTS_WRITE, gettext_lazy("Withdraw the consent"), _opt_out_form, _opt_out,
            lambda case: _("%(name)s wants no messages") % {"name": _name(case)}, _opt_out_lead, "danger",
        ),
    )
}  # fmt: skip
