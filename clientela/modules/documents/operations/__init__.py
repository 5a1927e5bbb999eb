"""Every change to documents and their templates is one of these verbs."""

from clientela.modules.documents.operations.making import (
    DocumentKindWrong,
    NoTemplate,
    ask_document,
    make,
    preview,
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
    "ApprovedByAuthor",
    "DocumentKindWrong",
    "NoTemplate",
    "NotADraft",
    "NotProposed",
    "approve_template",
    "ask_document",
    "check_template",
    "edit_template",
    "load_shipped",
    "make",
    "preview",
    "propose_template",
    "return_template",
]
