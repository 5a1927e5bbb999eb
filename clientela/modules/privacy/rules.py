"""What becomes of each table when a person is forgotten, and how long things are kept. Data, no acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

LAW = _("a contract and its money are kept as the law on accounting asks")
PROOF = _("proof that a consent was given and withdrawn")
NOTHING = _("nothing of the person stands there")
GONE = "—"


@dataclass(frozen=True, eq=False)
class Fate:
    """``deletes``: the rows go. Else they stay because of ``why``, with these columns emptied."""

    deletes: bool = False
    why: Any = ""
    empties: Mapping[str, Any] = field(default_factory=dict)


def _stays(why: Any = LAW, **empties: Any) -> Fate:
    return Fate(why=why, empties=empties)


_GOES = Fate(deletes=True)

# By model and the field that names the client, in the order in which it is done: what hangs on other rows goes first.
FATES: dict[str, Fate] = {
    "own.Visit.client": _GOES,
    "shop.Purchase.client": _GOES,
    "privacy.DataFile.client": _GOES,
    "quality.SurveyRequest.client": _GOES,
    "letters.Letter.client": _GOES,
    "renewals.SelfRenewal.client": _GOES,
    "renewals.Renewal.client": _stays(held_reason=""),
    "claims.Notice.client": _GOES,
    "claims.Claim.client": _stays(place="", description="", wanted="", payee="", bic="", account=""),
    "sales.Advice.client": _GOES,
    "sales.Deal.client": _stays(subject="", answers={}, next_step="", lost_note=""),
    "quotes.Calculation.client": _GOES,
    "documents.SignRequest.client": _stays(phone=""),
    "documents.Delivery.client": _stays(
        recipient="", phone="", email="", address="", issued_to="", issued_by_document=""
    ),
    "documents.Document.client": _stays(),
    "billing.Payment.client": _stays(),
    "billing.Invoice.client": _stays(),
    "contracts.Project.client": _stays(),
    "contracts.Participant.client": _stays(name=GONE, birth_date=None, experience_since=None),
    "contracts.Policy.client": _stays(),
    "contracts.InsuredObject.client": _stays(
        title=GONE, plate="", vin="", body_number="", address="", details={}, external_id=None
    ),
    "bonus_malus.Dispute.client": _GOES,
    "bonus_malus.Lookup.client": _GOES,
    "bonus_malus.RegistryEntry.client": _GOES,
    "requests.Request.client": _GOES,
    "robot.Attempt.client": _GOES,
    "robot.RobotCall.client": _GOES,
    "dialler.Attempt.client": _GOES,
    "dialler.Entry.client": _GOES,
    "calendar.Event.client": _GOES,
    "calls.CallBack.client": _GOES,
    "calls.Call.client": _GOES,
    "group.Fact.client": _GOES,
    "group.Candidate.client": _GOES,
    "contacts.PhoneClaim.client": _GOES,
    "contacts.PhoneClaim.settled_client": _GOES,
    "contacts.HandOver.client": _GOES,
    "contacts.Message.client": _GOES,
    "contacts.Conversation.client": _GOES,
    "contacts.Consent.client": _stays(PROOF),
    "clients.LifeEvent.client": _GOES,
    "clients.Belonging.client": _GOES,
    "clients.NotRelated.client": _GOES,
    "clients.NotRelated.other": _GOES,
    "clients.Relation.client": _GOES,
    "clients.Relation.other": _GOES,
    "clients.FieldValue.client": _GOES,
    "clients.ProfileAnswer.client": _GOES,
    "clients.HoldingLink.company": _GOES,
    "clients.HoldingLink.parent": _GOES,
    "clients.HoldingLink.root": _GOES,
    "clients.Photo.client": _GOES,
    "clients.Attachment.client": _GOES,
    "clients.Note.client": _GOES,
    "clients.SourceLink.client": _GOES,
    "clients.ContactPerson.company": _GOES,
    "clients.ContactPerson.person": _GOES,
    "clients.IdentityDocument.client": _GOES,
    "clients.Address.client": _GOES,
    "clients.ContactPoint.client": _GOES,
    "clients.Client_tags.client": _GOES,
}
# Rows that hang on rows that stay.
BELOW: dict[str, Fate] = {
    "claims.ClaimPhoto.claim": _GOES,
    "claims.ClaimParticipant.claim": _stays(name=GONE, phone="", car="", plate="", policy_number=""),
    "claims.ClaimStep.claim": _stays(note=""),
    "documents.DeliveryStep.delivery": _stays(note=""),
    "underwriting.ChangeReferral.policy": _GOES,
}
# Documents of people that stand in a contract's versions, by model: which columns are gone through.
WRITTEN_IN: dict[str, tuple[str, ...]] = {
    "contracts.PolicyVersion": ("participants", "terms"),
    "contracts.Project": ("participants", "terms"),
}
# The card itself, which stays as the number that its contracts name.
CARD: dict[str, Any] = {
    "last_name": GONE, "first_name": "", "middle_name": "", "name_key": "", "birth_date": None, "sex": "", "inn": "",
    "snils": "", "bank_bic": "", "bank_account": "", "city": "", "preferred_channel": "", "contact_from": None,
    "contact_to": None, "do_not_contact": True, "do_not_contact_reason": "", "is_key": False, "completeness": 0,
    "data_confirmed_at": None, "temperature": "",
}  # fmt: skip


@dataclass(frozen=True)
class Keeping:
    """A rule as shipped: after so many days, whether it acts by itself."""

    title: Any
    hint: Any
    days: int
    acts: bool


YEAR = 365
# All of these are general knowledge and none was read in the law: the company sets its own.
KEEPING: dict[str, Keeping] = {
    "import_files": Keeping(
        _("Files of imports"), _("after the last day on which the import can be undone"), 14, True
    ),
    "prospects": Keeping(
        _("People who never bought anything"), _("after the last change of the card: proposes to erase"), 3 * YEAR, False
    ),
    "past_clients": Keeping(
        _("Clients whose contracts are long over"), _("after the last contract ended: proposes to erase"), 5 * YEAR, False
    ),
    "papers": Keeping(
        _("Printed contracts of erased people"), _("after the contract ended"), 5 * YEAR, True
    ),
}  # fmt: skip
MOST_DAYS = 100 * YEAR


def without_person(value: Any, card: int, name: str) -> Any:
    """A document with whatever it says of this person emptied: rows that name the card, or the person by name."""
    if isinstance(value, list):
        return [without_person(one, card, name) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("client_id") == card or (name and value.get("name") == name):
        emptied = {
            "name",
            "last_name",
            "first_name",
            "middle_name",
            "birth_date",
            "licence",
            "experience_since",
        }
        return {
            key: (GONE if key == "name" else None) if key in emptied else one for key, one in value.items()
        }
    return {key: without_person(one, card, name) for key, one in value.items()}
