"""Templates of documents and what was made from them, signed and delivered."""

from clientela.modules.documents.models.delivering import Delivery, DeliveryStep, PickupPoint
from clientela.modules.documents.models.papers import LANGUAGES, Document, DocumentQuerySet, Kind, Template
from clientela.modules.documents.models.signing import SignedPaper, SignRequest

__all__ = [
    "LANGUAGES",
    "Delivery",
    "DeliveryStep",
    "Document",
    "DocumentQuerySet",
    "Kind",
    "PickupPoint",
    "SignRequest",
    "SignedPaper",
    "Template",
]
