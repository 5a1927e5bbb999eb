"""What each published event means, in words for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, Promise] = {
    "clients.ClientChanged": _("A client's card changed"),
    "clients.ContactabilityChanged": _("A client's contacts changed"),
    "clients.PersonMentioned": _("A person is mentioned in a card"),
    "contacts.ConsentChanged": _("A consent was given or withdrawn"),
    "calendar.CalendarChanged": _("An event of a calendar changed"),
    "calendar.ReminderDue": _("Somebody is reminded"),
    "contacts.CalendarMailed": _("A mail brought an invitation or an answer to one"),
    "contacts.MessageStateChanged": _("A message went, arrived or failed"),
    "contacts.MessageReceived": _("A client wrote to us"),
    "contacts.ConversationChanged": _("A conversation was written in, given or done"),
    "contacts.ClientSignalled": _("A client opened, clicked, answered or unsubscribed"),
    "calls.CallChanged": _("A call came, was answered or moved on"),
    "calls.CallEnded": _("A call is over"),
    "calls.CallBackAsked": _("Somebody waits to be called"),
    "routing.WorkMoved": _("Work went to somebody else by itself"),
    "routing.WorkEscalated": _("Nobody answered in time and the head was told"),
    "routing.StationChanged": _("A person is at work, on a break or away"),
    "chat.MessagePosted": _("A colleague wrote in the chat"),
    "chat.RoomChanged": _("A room of the chat changed"),
    "push.AlertRaised": _("A person was alerted"),
    "contracts.PolicyIssued": _("A policy was issued"),
    "contracts.PolicyChanged": _("A policy changed"),
    "contracts.QuoteChanged": _("A quote was kept or withdrawn"),
    "contracts.ProjectChanged": _("A project moved on"),
    "contracts.ObjectSold": _("An insured object was sold"),
    "contracts.PortfolioImported": _("A file changed many cards at once"),
    "billing.PaymentRegistered": _("A payment was registered"),
    "claims.ClaimOpened": _("A claim was opened"),
    "claims.ClaimSettled": _("A claim was paid or refused"),
    "quality.FeedbackGiven": _("A client answered a survey"),
    "quality.FeedbackSettled": _("A client who was not content was called back"),
    "claims.DisputeChanged": _("A dispute was opened or closed"),
    "robot.RobotCallEnded": _("A call of the robot came to its end"),
    "robot.RobotCallChanged": _("The robot rings or talks"),
    "robot.DialogueChanged": _("A dialogue of the robot got a new version"),
    "renewals.RenewalChanged": _("An expiring term changed"),
    "renewals.DayPlanned": _("The touches of a day were planned"),
    "renewals.ScheduleChanged": _("A schedule got a new version"),
    "organisation.OrganisationChanged": _("The organisation changed"),
    "organisation.AgentContactsChanged": _("An agent's contacts changed"),
    "organisation.PortfolioTransferred": _("A portfolio was handed over"),
    "webhooks.Test": _("A test message"),
}


def event_word(name: str) -> Promise | str:
    """What happened; the name itself when nobody gave it words."""
    return EVENTS.get(name, name)
