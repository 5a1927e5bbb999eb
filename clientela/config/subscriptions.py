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
        "claim": Kind(Permission.CONTRACTS_READ, claims_of, titles.of_claims),
    }
    for name, kind in kinds.items():
        talk(name, kind)


def register() -> None:
    """Called once when the apps are ready."""
    from clientela.foundation.audit.operations import ask_on_behalf
    from clientela.foundation.imports import targets as imports
    from clientela.foundation.imports.jobs import JOBS as IMPORT_JOBS
    from clientela.foundation.push import events as push
    from clientela.foundation.webhooks.operations import keep
    from clientela.modules.billing import events as billing
    from clientela.modules.calendar import events as calendar
    from clientela.modules.calls import events as calls
    from clientela.modules.calls.queries import speaks
    from clientela.modules.chat import events as chat
    from clientela.modules.claims import events as claims
    from clientela.modules.clients import events as clients
    from clientela.modules.contacts import events as contacts
    from clientela.modules.contacts import guards
    from clientela.modules.contracts import events as contracts
    from clientela.modules.contracts.imports import Portfolio
    from clientela.modules.organisation import events as organisation
    from clientela.modules.organisation.queries import acts_for
    from clientela.modules.quality import events as quality
    from clientela.modules.renewals import events as renewals
    from clientela.modules.renewals.models import Renewal, Touch
    from clientela.modules.renewals.operations import dispatch
    from clientela.modules.robot import events as robot
    from clientela.modules.robot.operations.talking import words_of
    from clientela.modules.routing import events as routing

    contact = "clientela.modules.contacts.handlers."
    contract = "clientela.modules.contracts.handlers."
    calendars = "clientela.modules.calendar.handlers."
    bill = "clientela.modules.billing.handlers."
    renewal = "clientela.modules.renewals.handlers."
    opinion = "clientela.modules.quality.handlers."
    alert = "clientela.workspace.alerts.handlers."
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
    subscribe(clients.PersonMentioned, topics=card)
    subscribe(contacts.ConsentChanged, renewal + "on_contactability", topics=card)
    subscribe(
        contacts.MessageStateChanged, contact + "on_message_state", renewal + "on_message_state", topics=phone
    )
    subscribe(
        contacts.ConversationChanged,
        opinion + "on_conversation",
        alert + "on_conversation",
        topics=lambda event: ["inbox", *(f"inbox:{person}" for person in event.people)],
    )
    subscribe(routing.WorkMoved, contact + "on_work_moved", "clientela.modules.calls.handlers.on_work_moved")
    subscribe(routing.WorkEscalated, topics=lambda event: ["inbox", f"inbox:{event.user_id}"])
    subscribe(routing.StationChanged, topics=lambda event: ["presence", f"station:{event.user_id}"])
    subscribe(
        contacts.MessageReceived,
        contract + "warm_prospect",
        renewal + "on_message",
        opinion + "on_message",
        topics=phone,
    )
    subscribe(contacts.CalendarMailed, calendars + "on_calendar_mail")
    subscribe(
        calendar.CalendarChanged, topics=lambda event: [f"calendar:{person}" for person in event.people]
    )
    subscribe(calendar.ReminderDue, topics=lambda event: [f"reminders:{event.person_id}"])
    subscribe(contacts.ClientSignalled, renewal + "on_signal", topics=phone)
    subscribe(
        contracts.PolicyIssued,
        contract + "refresh_client",
        contract + "close_project_of_renewed",
        bill + "schedule_instalments",
        renewal + "on_policy_issued",
        opinion + "on_policy_issued",
        topics=card,
    )
    subscribe(
        contracts.PolicyChanged, contract + "refresh_client", renewal + "on_policy_changed", topics=card
    )
    subscribe(contracts.QuoteChanged, renewal + "on_quote", topics=card)
    subscribe(contracts.ProjectChanged, bill + "settle_repriced", renewal + "on_project", topics=card)
    subscribe(contracts.ObjectSold, renewal + "on_object_sold", topics=card)
    subscribe(
        contracts.PortfolioImported,
        renewal + "on_import",
        topics=lambda _event: ["clients", "renewals", "imports"],
    )
    subscribe(billing.PaymentRegistered, renewal + "on_payment", topics=card)
    subscribe(claims.ClaimOpened, topics=card)
    subscribe(claims.ClaimSettled, opinion + "on_claim_settled", topics=card)
    subscribe(quality.FeedbackGiven, topics=lambda event: ["feedback", f"client:{event.client_id}"])
    subscribe(quality.FeedbackSettled, topics=lambda event: ["feedback", f"client:{event.client_id}"])
    subscribe(claims.DisputeChanged, renewal + "on_dispute", topics=card)
    subscribe(renewals.RenewalChanged, topics=_of_client("renewals"))
    subscribe(robot.RobotCallEnded, renewal + "on_robot_call", topics=card)
    subscribe(robot.RobotCallChanged, topics=lambda event: ["robot", f"client:{event.client_id}"])
    subscribe(robot.DialogueChanged, topics=lambda _event: ["robot"])
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
    subscribe(calls.CallEnded, topics=card)
    subscribe(calls.CallBackAsked, topics=lambda _event: ["calls"])

    _records()
    follow(keep)
    guards.register("renewals.touch", dispatch.guard)
    speaks("robot", words_of)
    imports.register(Portfolio())
    imports.register_disposable(
        imports.Disposable(Renewal, parts=(imports.Part(Touch, "renewal_id"),), keep=RENEWAL_IS_WORKED_ON)
    )

    for kind, function in IMPORT_JOBS.items():
        job(kind, function)
    job("renewals.plan", "clientela.modules.renewals.tasks.plan")
    job("renewals.norms", "clientela.modules.renewals.tasks.norms")
    job("renewals.refresh", "clientela.modules.renewals.tasks.refresh_terms")
    job("quality.ask", "clientela.modules.quality.tasks.ask")
    job("clients.export", "clientela.workspace.clients.exporting.run_export")
    job("renewals.export", "clientela.workspace.renewals.exporting.run_export")
    job("letters.make", "clientela.modules.letters.operations.making.run_mailing")
    job("clients.refresh", "clientela.modules.contracts.tasks.refresh_facts")
    job("calls.compare", "clientela.modules.calls.tasks.compare")
    job("calls.forget", "clientela.modules.calls.tasks.forget_recordings")
    job("audit.seal", "clientela.config.tasks.seal")
    job("audit.verify", "clientela.workspace.admin.journal.run_verify")
    job("organisation.transfer", "clientela.workspace.admin.transfer.run_transfer")
    job("organisation.transfer_back", "clientela.workspace.admin.transfer_back.run_undo")
    job("platform.tidy", "clientela.config.tasks.tidy")
