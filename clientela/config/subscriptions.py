"""The one table of who reacts to which event, which views look again, and who does which job."""

from typing import Any

from clientela.foundation.jobs.operations import register as job
from clientela.foundation.outbox.operations import subscribe


def _of_client(kind: str) -> Any:
    """Topics of an event with a client: the kind's own list and the client's card."""
    return lambda event: [kind, *([f"client:{event.client_id}"] if event.client_id else [])]


def register() -> None:
    """Called once when the apps are ready."""
    from clientela.modules.billing import events as billing
    from clientela.modules.claims import events as claims
    from clientela.modules.clients import events as clients
    from clientela.modules.contacts import events as contacts
    from clientela.modules.contacts import guards
    from clientela.modules.contracts import events as contracts
    from clientela.modules.organisation import events as organisation
    from clientela.modules.renewals import events as renewals
    from clientela.modules.renewals.operations import dispatch

    renewal = "clientela.modules.renewals.handlers."
    subscribe(clients.ClientChanged, topics=_of_client("clients"))
    subscribe(clients.ContactabilityChanged, renewal + "on_contactability", topics=_of_client("clients"))
    subscribe(clients.PersonMentioned, topics=_of_client("clients"))
    subscribe(contacts.ConsentChanged, renewal + "on_contactability", topics=_of_client("clients"))
    subscribe(contacts.MessageStateChanged, renewal + "on_message_state", topics=_of_client("phone"))
    subscribe(contacts.MessageReceived, renewal + "on_message", topics=_of_client("phone"))
    subscribe(contacts.ClientSignalled, renewal + "on_signal", topics=_of_client("phone"))
    subscribe(contracts.PolicyIssued, renewal + "on_policy_issued", topics=_of_client("clients"))
    subscribe(contracts.PolicyChanged, renewal + "on_policy_changed", topics=_of_client("clients"))
    subscribe(contracts.QuoteChanged, renewal + "on_quote", topics=_of_client("clients"))
    subscribe(contracts.ProjectChanged, renewal + "on_project", topics=_of_client("clients"))
    subscribe(contracts.ObjectSold, renewal + "on_object_sold", topics=_of_client("clients"))
    subscribe(
        contracts.PortfolioImported, renewal + "on_import", topics=lambda _event: ["clients", "renewals"]
    )
    subscribe(billing.PaymentRegistered, renewal + "on_payment", topics=_of_client("clients"))
    subscribe(claims.DisputeChanged, renewal + "on_dispute", topics=_of_client("clients"))
    subscribe(renewals.RenewalChanged, topics=_of_client("renewals"))
    subscribe(renewals.DayPlanned, topics=lambda _event: ["renewals"])
    subscribe(organisation.OrganisationChanged, topics=lambda _event: ["organisation"])
    subscribe(organisation.AgentContactsChanged, topics=lambda _event: ["organisation"])
    subscribe(
        organisation.PortfolioTransferred,
        topics=lambda _event: ["clients", "renewals", "organisation"],
    )
    subscribe(renewals.ScheduleChanged, topics=lambda _event: ["schedules", "renewals"])

    guards.register("renewals.touch", dispatch.guard)

    job("renewals.plan", "clientela.config.tasks.plan")
    job("renewals.norms", "clientela.config.tasks.norms")
    job("renewals.refresh", "clientela.config.tasks.refresh_terms")
    job("clients.refresh", "clientela.config.tasks.refresh_clients")
    job("audit.seal", "clientela.config.tasks.seal")
    job("audit.verify", "clientela.workspace.admin.journal.run_verify")
    job("organisation.transfer", "clientela.workspace.admin.transfer.run_transfer")
    job("platform.tidy", "clientela.config.tasks.tidy")
