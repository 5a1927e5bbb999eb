"""Every change to documents and their templates is one of these verbs."""

from clientela.modules.documents.operations.delivering import (
    AlreadyOnItsWay,
    DeliveryIncomplete,
    NothingToDeliver,
    WrongStep,
    move_delivery,
    order_delivery,
)
from clientela.modules.documents.operations.making import (
    DocumentKindWrong,
    NoTemplate,
    ask_document,
    make,
    preview,
)
from clientela.modules.documents.operations.signing import (
    ContractWithdrawn,
    FileChanged,
    LinkNotAllowed,
    NothingToSign,
    SignatureOver,
    ask_signature,
    note_opened,
    send_sign_code,
    sign,
    withdraw_signature,
)
from clientela.modules.documents.operations.templates import (
    ApprovedByAuthor,
    NotADraft,
    NotProposed,
    approve_template,
    edit_template,
    load_shipped,
    propose_template,
    return_template,
)
from clientela.modules.documents.rules import check_template

__all__ = [
    "AlreadyOnItsWay",
    "ApprovedByAuthor",
    "ContractWithdrawn",
    "DeliveryIncomplete",
    "DocumentKindWrong",
    "FileChanged",
    "LinkNotAllowed",
    "NoTemplate",
    "NotADraft",
    "NotProposed",
    "NothingToDeliver",
    "NothingToSign",
    "SignatureOver",
    "WrongStep",
    "approve_template",
    "ask_document",
    "ask_signature",
    "check_template",
    "edit_template",
    "load_shipped",
    "make",
    "move_delivery",
    "note_opened",
    "order_delivery",
    "preview",
    "propose_template",
    "return_template",
    "send_sign_code",
    "sign",
    "withdraw_signature",
]
