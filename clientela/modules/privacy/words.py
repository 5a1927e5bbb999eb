"""What tables and fields are called for a person who reads their own data, and for who decides about them."""

from datetime import date, datetime
from typing import Any

from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TABLES: dict[str, Any] = {
    "clients.Client": gettext_lazy("The card"),
    "clients.ContactPoint": gettext_lazy("Telephones and addresses to write to"),
    "clients.Address": gettext_lazy("Addresses of residence"),
    "clients.IdentityDocument": gettext_lazy("Identity documents"),
    "clients.ContactPerson": gettext_lazy("Persons who speak for a company"),
    "clients.SourceLink": gettext_lazy("Keys in other systems"),
    "clients.Note": gettext_lazy("Notes of colleagues"),
    "clients.Attachment": gettext_lazy("Files on the card"),
    "clients.Photo": gettext_lazy("The photo"),
    "clients.HoldingLink": gettext_lazy("Places in holdings"),
    "clients.ProfileAnswer": gettext_lazy("Answers about oneself"),
    "clients.FieldValue": gettext_lazy("What each source says"),
    "clients.Relation": gettext_lazy("Relatives and friends"),
    "clients.NotRelated": gettext_lazy("Who is no relative"),
    "clients.Belonging": gettext_lazy("Belongings"),
    "clients.LifeEvent": gettext_lazy("Events of life"),
    "clients.Client_tags": gettext_lazy("Tags on the card"),
    "contacts.Message": gettext_lazy("Messages"),
    "group.Fact": gettext_lazy("What sister companies told"),
    "group.Candidate": gettext_lazy("Reports of sister companies that wait"),
    "contacts.PhoneClaim": gettext_lazy("Telephones named in a chat"),
    "contacts.Conversation": gettext_lazy("Conversations"),
    "contacts.HandOver": gettext_lazy("Conversations handed over"),
    "contacts.Consent": gettext_lazy("Consents"),
    "calls.Call": gettext_lazy("Calls with their recordings"),
    "calls.CallBack": gettext_lazy("Calls back"),
    "calendar.Event": gettext_lazy("Meetings"),
    "dialler.Entry": gettext_lazy("Places in lists to be called"),
    "dialler.Attempt": gettext_lazy("Attempts to call"),
    "robot.RobotCall": gettext_lazy("Calls of the robot"),
    "robot.Attempt": gettext_lazy("Talks with the robot"),
    "requests.Request": gettext_lazy("Requests"),
    "bonus_malus.RegistryEntry": gettext_lazy("The class in the local registry"),
    "bonus_malus.Lookup": gettext_lazy("Classes asked of the registry"),
    "bonus_malus.Dispute": gettext_lazy("Disputes about the class"),
    "contracts.InsuredObject": gettext_lazy("Things insured"),
    "contracts.Policy": gettext_lazy("Policies"),
    "contracts.Participant": gettext_lazy("Places in policies"),
    "contracts.Project": gettext_lazy("Projects of contracts"),
    "billing.Invoice": gettext_lazy("Invoices"),
    "billing.Payment": gettext_lazy("Payments"),
    "documents.Document": gettext_lazy("Documents of contracts"),
    "documents.Delivery": gettext_lazy("Deliveries of documents"),
    "documents.DeliveryStep": gettext_lazy("Steps of deliveries"),
    "documents.SignRequest": gettext_lazy("Signatures by code"),
    "quotes.Calculation": gettext_lazy("Calculations"),
    "underwriting.ChangeReferral": gettext_lazy("Changes an underwriter looked at"),
    "sales.Deal": gettext_lazy("Deals"),
    "sales.Advice": gettext_lazy("Advice what to buy"),
    "claims.Claim": gettext_lazy("Claims"),
    "claims.ClaimPhoto": gettext_lazy("Photos of claims"),
    "claims.ClaimParticipant": gettext_lazy("Participants of losses"),
    "claims.ClaimStep": gettext_lazy("Steps of claims"),
    "claims.Notice": gettext_lazy("Notices of loss being written"),
    "renewals.Renewal": gettext_lazy("Terms that end"),
    "renewals.SelfRenewal": gettext_lazy("Renewals by oneself"),
    "quality.SurveyRequest": gettext_lazy("Surveys"),
    "letters.Letter": gettext_lazy("Paper letters"),
    "shop.Purchase": gettext_lazy("Purchases on the site"),
    "own.Visit": gettext_lazy("Visits to the own pages"),
    "privacy.DataFile": gettext_lazy("Archives with all data"),
}
FIELDS: dict[str, Any] = {
    "last_name": gettext_lazy("Surname"), "first_name": gettext_lazy("First name"),
    "middle_name": gettext_lazy("Patronymic"), "birth_date": gettext_lazy("Birth date"), "sex": gettext_lazy("Sex"),
    "inn": gettext_lazy("INN"), "snils": gettext_lazy("SNILS"), "kind": gettext_lazy("Kind"), "value": gettext_lazy("Value"),
    "number": gettext_lazy("Number"), "text": gettext_lazy("Text"), "subject": gettext_lazy("Subject"),
    "channel": gettext_lazy("Channel"), "created_at": gettext_lazy("Made"), "updated_at": gettext_lazy("Changed"),
    "city": gettext_lazy("Town"), "street": gettext_lazy("Street"), "postal_code": gettext_lazy("Postcode"),
    "phone": gettext_lazy("Phone"), "email": gettext_lazy("E-mail"), "name": gettext_lazy("Name"), "note": gettext_lazy("Note"),
    "source": gettext_lazy("Source"), "state": gettext_lazy("State"), "status": gettext_lazy("Status"),
    "start_date": gettext_lazy("Begins"), "end_date": gettext_lazy("Ends"), "premium": gettext_lazy("Premium"),
    "amount": gettext_lazy("Amount"), "product": gettext_lazy("Product"), "client": gettext_lazy("Client"),
    "agent": gettext_lazy("Agent"), "branch": gettext_lazy("Branch"), "plate": gettext_lazy("Plate"), "file": gettext_lazy("File"),
    "address": gettext_lazy("Address"), "language": gettext_lazy("Language"), "title": gettext_lazy("Title"),
    "licence": gettext_lazy("Licence"), "drivers": gettext_lazy("Drivers"), "answers": gettext_lazy("Answers"),
    "description": gettext_lazy("Description"), "policy": gettext_lazy("Policy"), "purpose": gettext_lazy("Purpose"),
    "at": gettext_lazy("When"), "sent_at": gettext_lazy("Sent"), "paid_at": gettext_lazy("Paid"),
    "issued_on": gettext_lazy("Issued on"), "valid_until": gettext_lazy("Valid until"),
}  # fmt: skip


def table_word(label: str) -> str:
    """What a table is called."""
    return str(TABLES.get(label, label))


def field_word(name: str) -> str:
    """What a field is called; one without a word by its own name."""
    return str(FIELDS.get(name, name.replace("_", " ")))


def value_word(value: Any) -> str:
    """A value as people write it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return formats.date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, dict):
        return "; ".join(
            f"{field_word(str(name))}: {value_word(one)}"
            for name, one in value.items()
            if one not in (None, "")
        )
    if isinstance(value, list):
        return "\n".join(value_word(one) for one in value)
    return str(value)
