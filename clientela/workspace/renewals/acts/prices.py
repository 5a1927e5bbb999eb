"""Acts with money: quotes, projects, offers, payments."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.accounts.rules import Permission
from clientela.modules.billing.operations import InvalidAmount, MoreThanDue, register_payment
from clientela.modules.billing.queries import balance_of_project
from clientela.modules.book.operations.training import NotAdmitted
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.rules import Verdict, describe
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
from clientela.modules.renewals.models import Reach
from clientela.modules.renewals.operations.offers import NoProject, send_offer
from clientela.workspace.renewals.acts.base import Act, Case, Done, Refused, name_of
from clientela.workspace.renewals.forms import (
    OfferForm,
    PaymentForm,
    ProjectForm,
    QuoteForm,
)

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
    except NotAdmitted as error:
        raise Refused(str(error)) from None
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

WRITTEN = {"sms": Reach.SMS, "email": Reach.EMAIL, "vk": Reach.VK, "telegram": Reach.TELEGRAM}


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


ACTS = (
    Act(
        "quote", Permission.CONTRACTS_WRITE, gettext_lazy("Keep the quote"),
        lambda case, data: QuoteForm(data, today=case.today), _quote,
        lambda case: _("Quote for %(name)s") % {"name": name_of(case)},
    ),
    Act(
        "project", Permission.CONTRACTS_WRITE, gettext_lazy("Save the project"), _project_form, _project,
        lambda case: _("Next term of %(name)s") % {"name": name_of(case)}, _project_lead,
    ),
    Act(
        "offer", Permission.CONTRACTS_WRITE, gettext_lazy("Send the offer"), _offer_form, _offer,
        lambda case: _("Offer to %(name)s") % {"name": name_of(case)}, _offer_lead, needs_project=True,
    ),
    Act(
        "payment", Permission.PAYMENTS_WRITE, gettext_lazy("Register the payment"), _payment_form, _payment,
        lambda case: _("Payment from %(name)s") % {"name": name_of(case)}, _payment_lead, needs_project=True,
    ),
)  # fmt: skip
