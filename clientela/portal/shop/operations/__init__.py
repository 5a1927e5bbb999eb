"""Every change to a purchase is one of these verbs."""

from clientela.modules.contacts.operations.one_time_codes import CodeJustSent, WrongCode
from clientela.portal.shop.operations.buying import ask_photos, calculate, inspection_of, order, takes_photos
from clientela.portal.shop.operations.keeping import (
    NotConfirmed,
    begin,
    keep,
    keep_people,
    keep_person,
    link_of,
    lock,
)
from clientela.portal.shop.operations.leaving import ask_call, forget, left, paid
from clientela.portal.shop.operations.phone import PURPOSE, code_waits, confirm, send_code, send_link

__all__ = [
    "PURPOSE",
    "CodeJustSent",
    "NotConfirmed",
    "WrongCode",
    "ask_call",
    "ask_photos",
    "begin",
    "calculate",
    "code_waits",
    "confirm",
    "forget",
    "inspection_of",
    "keep",
    "keep_people",
    "keep_person",
    "left",
    "link_of",
    "lock",
    "order",
    "paid",
    "send_code",
    "send_link",
    "takes_photos",
]  # fmt: skip
