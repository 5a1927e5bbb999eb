"""Persons and companies we serve or may serve, how to reach them, and whom and what they have around them."""

from clientela.modules.clients.models.cards import (
    Address,
    Attachment,
    Client,
    ClientQuerySet,
    ContactPerson,
    ContactPoint,
    HoldingLink,
    IdentityDocument,
    Merge,
    MergeQuerySet,
    Note,
    Photo,
    ProfileAnswer,
    SourceLink,
    Tag,
)
from clientela.modules.clients.models.erased import Tombstone
from clientela.modules.clients.models.golden import FieldValue, GoldenRules
from clientela.modules.clients.models.households import (
    Belonging,
    HouseholdQuerySet,
    LifeEvent,
    NotRelated,
    Relation,
)
from clientela.modules.clients.models.surnames import Surname, SurnameKey

__all__ = [
    "Address",
    "Attachment",
    "Belonging",
    "Client",
    "ClientQuerySet",
    "ContactPerson",
    "ContactPoint",
    "FieldValue",
    "GoldenRules",
    "HoldingLink",
    "HouseholdQuerySet",
    "IdentityDocument",
    "LifeEvent",
    "Merge",
    "MergeQuerySet",
    "NotRelated",
    "Note",
    "Photo",
    "ProfileAnswer",
    "Relation",
    "SourceLink",
    "Surname",
    "SurnameKey",
    "Tag",
    "Tombstone",
]
