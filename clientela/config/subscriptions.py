"""The one table of who reacts to which event, which views look again, and who does which job."""

from typing import Any

from clientela.foundation.jobs.operations import register as job
from clientela.foundation.outbox.operations import follow, subscribe

# What undoing an import leaves alone: terms that somebody has worked on or that messages went out about.
RENEWAL_IS_WORKED_ON = """
    t.state <> 'nothing' OR t.held_until IS NOT NULL OR t.last_touch_at IS NOT NULL OR EXISTS (
        SELECT 1 FROM renewals_touch x
        WHERE x.renewal_id = t.id AND (x.state NOT IN ('planned', 'dropped') OR x.created_by_id IS NOT NULL))
"""


def _of_client(kind: str) -> Any:
    """Topics of an event with a client: the kind's own list and the client's card."""
    return lambda event: [kind, *([f"client:{event.client_id}"] if event.client_id else [])]


def _of_sale(event: Any) -> list[str]:
    """The client's card, and the window of the sale whose contract is being prepared."""
    from clientela.modules.quotes.models import Calculation

    rows = Calculation.objects.filter(project=event.project_id) if event.project_id else ()
    return [f"client:{event.client_id}", *(f"quote:{row.pk}" for row in rows)]


def _of_claim(event: Any) -> list[str]:
    """The list of claims, the claim, and the client's card."""
    return ["claims", f"claim:{event.claim_id}", f"client:{event.client_id}"]


def _tie_events() -> None:
    """What an event of a calendar may be about."""
    from django.urls import reverse
    from django.utils.translation import gettext_lazy as _
    from django.utils.translation import pgettext_lazy

    from clientela.modules.calendar.links import Link, register
    from clientela.modules.claims.queries import claims_of
    from clientela.modules.contracts.models import Policy
    from clientela.modules.renewals.models import Renewal

    register(
        "policy",
        Link(
            _("Policy"),
            lambda user: Policy.objects.visible_to(user).select_related("product"),
            title=lambda row: f"{row.product} {row.number}",
            url=lambda row: reverse("clients:policy", args=[row.pk]),
        ),
    )
    register(
        "renewal",
        Link(
            pgettext_lazy("event", "Renewal"),
            lambda user: Renewal.objects.visible_to(user).select_related("product", "policy"),
            title=lambda row: f"{row.product} {row.policy.number}, {row.end_date:%d.%m.%Y}",
            url=lambda row: reverse("renewals:term", args=[row.pk]),
        ),
    )
    register("claim", Link(_("Claim"), claims_of, title=lambda row: str(row.number)))


def _records() -> None:
    """What colleagues may talk about, and who sees it."""
    from clientela.modules.accounts.rules import Permission
    from clientela.modules.chat.records import Kind
    from clientela.modules.chat.records import register as talk
    from clientela.modules.claims.queries import claims_of
    from clientela.modules.clients.models import Client
    from clientela.modules.contracts.models import Policy
    from clientela.modules.renewals.models import Renewal
    from clientela.workspace.chat import titles

    kinds = {
        "client": Kind(Permission.CLIENTS_READ, Client.objects.visible_to, titles.of_clients),
        "policy": Kind(Permission.CONTRACTS_READ, Policy.objects.visible_to, titles.of_policies),
        "renewal": Kind(Permission.RENEWALS_READ, Renewal.objects.visible_to, titles.of_renewals),
        "claim": Kind(Permission.CLAIMS_READ, claims_of, titles.of_claims),
    }
    for name, kind in kinds.items():
        talk(name, kind)


def _merging() -> None:
    """What moves when two cards become one client, and back."""
    from clientela.modules.calls.operations.merging import Calls
    from clientela.modules.clients.operations.merging import take_part
    from clientela.modules.clients.operations.relations import Households
    from clientela.modules.contacts.operations.merging import Talks
    from clientela.modules.dialler.operations.merging import Lists
    from clientela.modules.group.operations.merging import GroupData

    take_part(Households())
    take_part(Talks())
    take_part(Calls())
    take_part(Lists())
    take_part(GroupData())


def _group_data() -> None:
    """What goes in the same transaction when a client takes the consent to group data back, or wants no contact."""
    from clientela.foundation.imports import targets as imports
    from clientela.modules.clients.operations.cards import when_stopped
    from clientela.modules.contacts.operations.consents import when_ended
    from clientela.modules.group.events import GroupDataChanged
    from clientela.modules.group.operations import forgetting
    from clientela.modules.sales.operations.told_by_group import forget_advice

    when_ended(forgetting.on_consent_ended)
    when_stopped(forgetting.on_do_not_contact)
    forgetting.when_forgotten(forget_advice)
    imports.register("group", "clientela.modules.group.imports.GroupFacts")
    subscribe(GroupDataChanged, topics=lambda event: [f"client:{event.client_id}"])
    job("group.expire", "clientela.modules.group.tasks.run_expiry")


def _sales() -> None:
    """What brings deals on, and which views look again when one has moved."""
    from clientela.modules.billing.events import PaymentRegistered
    from clientela.modules.clients.operations.merging import take_part
    from clientela.modules.contracts.events import PolicyIssued, ProjectChanged
    from clientela.modules.dialler.events import EntryEnded
    from clientela.modules.quotes import events as quotes
    from clientela.modules.requests import events as requests
    from clientela.modules.sales import events
    from clientela.modules.sales.operations.advice import AdviceOnce

    handlers = {
        ProjectChanged: "on_project", PaymentRegistered: "on_payment", PolicyIssued: "on_policy_issued",
        EntryEnded: "on_call_outcome", quotes.CalculationStarted: "on_calculation_started",
        quotes.CalculationPriced: "on_calculation_priced", quotes.CalculationSent: "on_calculation_sent",
        quotes.CalculationAccepted: "on_calculation_accepted", quotes.CalculationClosed: "on_calculation_closed",
        requests.RequestTaken: "on_request_taken", requests.RequestClosed: "on_request_closed",
        events.DealChanged: "on_deal",
    }  # fmt: skip
    for event, handler in handlers.items():
        subscribe(event, f"clientela.modules.sales.handlers.{handler}")
    for changed in (events.DealChanged, events.FunnelChanged):
        subscribe(changed, topics=lambda event: [f"deals:{event.funnel_id}"])
    subscribe(events.AdviceChanged, topics=lambda event: [f"client:{event.client_id}"])
    take_part(AdviceOnce())
    job("sales.advise", "clientela.modules.sales.tasks.advise")


def register() -> None:
    """Called once when the apps are ready."""
    from clientela.foundation.audit.operations import ask_on_behalf
    from clientela.foundation.imports import targets as imports
    from clientela.foundation.imports.jobs import JOBS as IMPORT_JOBS
    from clientela.foundation.push import events as push
    from clientela.foundation.webhooks.keeping import keep
    from clientela.modules.billing import events as billing
    from clientela.modules.bonus_malus import events as bonus_malus
    from clientela.modules.bonus_malus.ports import count_claims_by
    from clientela.modules.calendar import events as calendar
    from clientela.modules.calls import events as calls
    from clientela.modules.calls.queries import speaks
    from clientela.modules.chat import events as chat
    from clientela.modules.claims import events as claims
    from clientela.modules.claims.queries import osago_year
    from clientela.modules.clients import events as clients
    from clientela.modules.contacts import events as contacts
    from clientela.modules.contacts import guards
    from clientela.modules.contracts import events as contracts
    from clientela.modules.dialler import events as dialler
    from clientela.modules.dialler import ports as calling
    from clientela.modules.documents import events as documents
    from clientela.modules.organisation import events as organisation
    from clientela.modules.organisation.queries import acts_for
    from clientela.modules.quality import events as quality
    from clientela.modules.quality.operations import asking
    from clientela.modules.quotes import events as quotes
    from clientela.modules.rating import events as rating
    from clientela.modules.renewals import events as renewals
    from clientela.modules.renewals.models import Renewal, Touch
    from clientela.modules.renewals.operations import dispatch
    from clientela.modules.renewals.rules import Reason
    from clientela.modules.rent import events as rents
    from clientela.modules.requests import events as requests
    from clientela.modules.resolution.operations import note_due
    from clientela.modules.robot import events as robot
    from clientela.modules.robot.operations.talking import words_of
    from clientela.modules.routing import events as routing
    from clientela.modules.underwriting import events as underwriting
    from clientela.workspace.calls.today import call_backs
    from clientela.workspace.clients.today import life_events
    from clientela.workspace.feedback.today import not_content
    from clientela.workspace.payments.today import overdue_parts
    from clientela.workspace.requests.today import requests_of_today
    from clientela.workspace.today import sources as today

    contact = "clientela.modules.contacts.handlers."
    contract = "clientela.modules.contracts.handlers."
    paper = "clientela.modules.documents.handlers."
    calendars = "clientela.modules.calendar.handlers."
    earn = "clientela.modules.commission.handlers."
    rent = "clientela.modules.rent.handlers."
    bill = "clientela.modules.billing.handlers."
    renewal = "clientela.modules.renewals.handlers."
    quote = "clientela.modules.quotes.handlers."
    opinion = "clientela.modules.quality.handlers."
    alert = "clientela.workspace.alerts.handlers."
    request = "clientela.modules.requests.handlers."
    card, phone = _of_client("clients"), _of_client("phone")

    ask_on_behalf(acts_for)
    _tie_events()

    subscribe(clients.ClientChanged, topics=card)
    subscribe(
        clients.ContactabilityChanged,
        contact + "on_contactability",
        renewal + "on_contactability",
        topics=card,
    )
    for joined in (clients.ClientsMerged, clients.ClientsSeparated):
        subscribe(
            joined,
            contract + "refresh_cards",
            topics=lambda event: ["clients", f"client:{event.client_id}", f"client:{event.gone_client_id}"],
        )
    subscribe(clients.PersonMentioned, topics=card)
    subscribe(clients.LifeEventNoted, topics=card)
    subscribe(contacts.ConsentChanged, renewal + "on_contactability", topics=card)
    subscribe(
        contacts.MessageStateChanged,
        contact + "on_message_state",
        paper + "on_message_state",
        renewal + "on_message_state",
        topics=phone,
    )
    subscribe(
        contacts.ConversationChanged,
        opinion + "on_conversation",
        alert + "on_conversation",
        topics=lambda event: ["inbox", *(f"inbox:{person}" for person in event.people)],
    )
    subscribe(
        routing.WorkMoved,
        contact + "on_work_moved",
        "clientela.modules.calls.handlers.on_work_moved",
        request + "on_work_moved",
    )
    subscribe(
        routing.WorkEscalated,
        request + "on_work_escalated",
        topics=lambda event: ["inbox", f"inbox:{event.user_id}"],
    )
    subscribe(routing.StationChanged, topics=lambda event: ["presence", f"station:{event.user_id}"])
    subscribe(
        contacts.MessageReceived,
        contract + "warm_prospect",
        renewal + "on_message",
        opinion + "on_message",
        request + "on_message",
        topics=phone,
    )
    subscribe(contacts.CalendarMailed, calendars + "on_calendar_mail")
    subscribe(
        calendar.CalendarChanged, topics=lambda event: [f"calendar:{person}" for person in event.people]
    )
    subscribe(calendar.ReminderDue, topics=lambda event: [f"reminders:{event.person_id}"])
    subscribe(contacts.ComplaintHandedOver, topics=card)
    subscribe(contacts.ComplaintTakenBack, topics=card)
    subscribe(contacts.ClientSignalled, renewal + "on_signal", topics=phone)
    subscribe(
        contracts.PolicyIssued,
        contract + "refresh_client",
        contract + "close_project_of_renewed",
        paper + "on_policy_issued",
        bill + "schedule_instalments",
        earn + "on_issued",
        rent + "on_issued",
        renewal + "on_policy_issued",
        opinion + "on_policy_issued",
        "clientela.portal.shop.handlers.on_policy_issued",
        "clientela.portal.own.handlers.on_policy_issued",
        topics=card,
    )
    subscribe(
        contracts.PolicyChanged, contract + "refresh_client", renewal + "on_policy_changed", topics=card
    )
    subscribe(
        contracts.PolicyAmended, paper + "on_policy_amended", bill + "money_of_version",
        "clientela.modules.underwriting.handlers.on_policy_amended", topics=card,
    )  # fmt: skip
    subscribe(
        documents.DocumentReady,
        "clientela.portal.shop.handlers.on_document_ready",
        "clientela.portal.own.handlers.on_document_ready",
        topics=_of_sale,
    )
    subscribe(documents.SignatureChanged, topics=_of_sale)
    subscribe(documents.DeliveryChanged, alert + "on_delivery", topics=_of_client("deliveries"))
    subscribe(contracts.QuoteChanged, renewal + "on_quote", topics=card)
    subscribe(
        contracts.ProjectChanged,
        bill + "settle_repriced",
        renewal + "on_project",
        quote + "on_project",
        topics=card,
    )
    subscribe(contracts.ObjectSold, renewal + "on_object_sold", topics=card)
    subscribe(
        contracts.PortfolioImported,
        renewal + "on_import",
        "clientela.modules.resolution.handlers.on_import",
        topics=lambda _event: ["clients", "renewals", "imports"],
    )
    subscribe(
        bonus_malus.ClassKnown,
        quote + "on_class",
        topics=lambda event: [f"class:{event.driver_key}", *_of_client("classes")(event)],
    )
    subscribe(bonus_malus.DisputeMoved, topics=_of_client("classes"))
    subscribe(
        billing.PaymentRegistered,
        bill + "receipt_of_payment",
        earn + "on_payment",
        rent + "on_payment",
        renewal + "on_payment",
        topics=card,
    )
    subscribe(billing.InvoiceChanged, topics=card)
    subscribe(
        billing.RefundChanged, bill + "receipt_of_refund", earn + "on_refund", rent + "on_refund", topics=card
    )
    risk = "clientela.modules.underwriting.handlers."
    heard = {
        quotes.CalculationReferred: [risk + "on_referred"],
        quotes.CalculationPriced: [quote + "on_told"],
        quotes.CalculationSent: [quote + "on_told"],
        quotes.CalculationAccepted: [quote + "on_told"],
        quotes.CalculationClosed: [quote + "on_told", risk + "on_closed"],
    }
    for counted in (
        quotes.CalculationStarted, quotes.CalculationPriced, quotes.CalculationSent, quotes.CalculationAccepted,
        quotes.CalculationReferred, quotes.CalculationClosed,
    ):  # fmt: skip
        subscribe(
            counted,
            *heard.get(counted, ()),
            topics=lambda event: ["quotes", f"quote:{event.calculation_id}", f"client:{event.client_id}"],
        )
    subscribe(
        underwriting.ReferralChanged,
        "clientela.portal.shop.handlers.on_referral",
        topics=lambda event: ["referrals", f"referral:{event.referral_id}", f"quote:{event.calculation_id}"],
    )
    subscribe(
        underwriting.ChangeReferralChanged, alert + "on_change_referral", topics=_of_client("referrals")
    )
    subscribe(claims.ClaimOpened, alert + "on_claim_opened", topics=_of_claim)
    subscribe(claims.ClaimMoved, topics=_of_claim)
    subscribe(claims.ClaimSettled, opinion + "on_claim_settled", topics=_of_claim)
    subscribe(quality.FeedbackGiven, topics=lambda event: ["feedback", f"client:{event.client_id}"])
    subscribe(quality.FeedbackSettled, topics=lambda event: ["feedback", f"client:{event.client_id}"])
    subscribe(claims.DisputeChanged, renewal + "on_dispute", topics=_of_claim)
    subscribe(renewals.RenewedAlone, alert + "on_renewed_alone", topics=_of_client("renewals"))
    subscribe(renewals.RenewalChanged, topics=_of_client("renewals"))
    subscribe(robot.RobotCallEnded, renewal + "on_robot_call", opinion + "on_robot_call", topics=card)
    subscribe(robot.RobotCallChanged, topics=lambda event: ["robot", f"client:{event.client_id}"])
    subscribe(robot.DialogueChanged, topics=lambda _event: ["robot"])
    subscribe(rating.VersionDecided, alert + "on_version_decided")
    subscribe(rents.RentChanged, alert + "on_rent", topics=lambda _event: ["rent"])
    subscribe(renewals.DayPlanned, topics=lambda _event: ["renewals"])
    subscribe(renewals.ScheduleChanged, topics=lambda _event: ["schedules", "renewals"])

    for talked in (chat.MessagePosted, chat.RoomChanged):
        subscribe(
            talked,
            topics=lambda event: [f"room:{event.room_id}", *(f"chat:{person}" for person in event.people)],
        )
    subscribe(chat.MessagePosted, alert + "on_chat")
    subscribe(push.AlertRaised, topics=lambda event: [f"alerts:{person}" for person in event.people])

    for changed in (organisation.OrganisationChanged, organisation.AgentContactsChanged):
        subscribe(changed, topics=lambda _event: ["organisation"])
    subscribe(
        organisation.PortfolioTransferred, topics=lambda _event: ["clients", "renewals", "organisation"]
    )

    subscribe(
        calls.CallChanged,
        topics=lambda event: ["calls", "phone", *(f"calls:{person}" for person in event.people)],
    )
    subscribe(
        calls.CallEnded,
        "clientela.modules.dialler.handlers.on_call_ended",
        request + "on_call_ended",
        topics=card,
    )
    for asked in (requests.RequestCame, requests.RequestChanged):
        subscribe(
            asked,
            topics=lambda event: [
                "requests", f"client:{event.client_id or 0}", *(f"requests:{person}" for person in event.people),
            ],
        )  # fmt: skip
    subscribe(requests.RequestTaken, topics=_of_client("requests"))
    subscribe(requests.RequestClosed, alert + "on_request_closed", topics=_of_client("requests"))
    for moved in (dialler.EntryChanged, dialler.EntryEnded, dialler.EntryReopened):
        subscribe(
            moved, renewal + "on_calling_entry", topics=lambda event: [f"dialler:{event.list_id}", "dialler"]
        )
    subscribe(calls.CallBackAsked, alert + "on_call_back", topics=lambda _event: ["call-backs"])
    subscribe(calls.CallBackDone, topics=lambda _event: ["call-backs"])

    _records()
    _merging()
    _sales()
    count_claims_by(osago_year)
    follow(keep)
    follow(note_due)
    guards.register("renewals.touch", dispatch.guard)
    guards.register(asking.ORIGIN, asking.guard)
    calling.register("renewals.touch", lambda code: str(dict(Reason.choices).get(code, code)))
    speaks("robot", words_of)
    today.add(call_backs)
    today.add(not_content)
    today.add(requests_of_today)
    today.add(overdue_parts)
    today.add(life_events)
    imports.register("portfolio", "clientela.modules.contracts.imports.Portfolio")
    _group_data()
    imports.register_disposable(
        imports.Disposable(Renewal, parts=(imports.Part(Touch, "renewal_id"),), keep=RENEWAL_IS_WORKED_ON)
    )

    for kind, function in IMPORT_JOBS.items():
        job(kind, function)
    job("resolution.find", "clientela.modules.resolution.tasks.find")
    job("resolution.join", "clientela.modules.resolution.tasks.join")
    job("resolution.unjoin", "clientela.modules.resolution.tasks.unjoin")
    job("bonus_malus.ask", "clientela.modules.bonus_malus.tasks.ask")
    job("bonus_malus.recalculate", "clientela.modules.bonus_malus.tasks.recalculate")
    job("renewals.plan", "clientela.modules.renewals.tasks.plan")
    job("renewals.norms", "clientela.modules.renewals.tasks.norms")
    job("renewals.refresh", "clientela.modules.renewals.tasks.refresh_terms")
    job("quotes.prices", "clientela.modules.quotes.tasks.prices")
    job("book.close", "clientela.modules.book.tasks.close")
    job("book.remind", "clientela.workspace.training.tasks.remind")
    job("rating.check", "clientela.workspace.products.cases.run_check")
    job("quotes.expire", "clientela.modules.quotes.tasks.expire")
    job("quality.ask", "clientela.modules.quality.tasks.ask")
    job("clients.export", "clientela.workspace.clients.exporting.run_export")
    job("renewals.export", "clientela.workspace.renewals.exporting.run_export")
    job("documents.make", "clientela.modules.documents.operations.making.run_making")
    job("documents.evidence", "clientela.modules.documents.evidence.run_evidence")
    job("documents.courier", "clientela.modules.documents.operations.delivering.run_courier")
    job("documents.expire", "clientela.modules.documents.operations.delivering.run_expiry")
    job("shop.look_after", "clientela.portal.shop.tasks.look_after")
    job("own.look_after", "clientela.portal.own.tasks.look_after")
    job("letters.make", "clientela.modules.letters.operations.making.run_mailing")
    job("clients.learn_surnames", "clientela.modules.clients.tasks.learn_surnames")
    job("clients.refresh", "clientela.modules.contracts.tasks.refresh_facts")
    job("billing.look_after", "clientela.modules.billing.tasks.look_after")
    job("commission.accrue", "clientela.modules.commission.tasks.accrue")
    job("rent.build", "clientela.modules.rent.tasks.build")
    job("rent.follow", "clientela.modules.rent.tasks.follow")
    job("calls.compare", "clientela.modules.calls.tasks.compare")
    job("calls.forget", "clientela.modules.calls.tasks.forget_recordings")
    job("privacy.export", "clientela.modules.privacy.tasks.export")
    job("privacy.keep", "clientela.modules.privacy.tasks.keep")
    job("foundation.rotate_keys", "clientela.foundation.rotation.rotate")
    job("audit.seal", "clientela.config.tasks.seal")
    job("audit.verify", "clientela.workspace.admin.journal.run_verify")
    job("organisation.transfer", "clientela.workspace.admin.transfer.run_transfer")
    job("organisation.transfer_back", "clientela.workspace.admin.transfer_back.run_undo")
    job("platform.tidy", "clientela.config.tasks.tidy")
