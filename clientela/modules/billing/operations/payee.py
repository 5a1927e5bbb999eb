"""The company's requisites."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.identifiers import (
    InvalidIdentifier,
    normalize_account,
    normalize_bic,
    normalize_correspondent_account,
    normalize_inn,
    normalize_kpp,
    normalize_ogrn,
)
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.billing.models import Payee

FIELDS = (
    "name", "inn", "kpp", "account", "bank_name", "bic", "correspondent_account", "ogrn", "address", "licences",
)  # fmt: skip
_LONGEST = {"name": 160, "bank_name": 45, "address": 255, "licences": 255}
_MAY_BE_EMPTY = ("address", "licences")


class InvalidPayee(Refusal):
    """One of the requisites is wrong; ``field`` is which."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(field)
        self.field, self.message = field, message


def clean_payee(values: dict[str, str]) -> dict[str, str]:
    """The requisites in their compact form, check digits verified. Raises ``InvalidPayee``."""
    found = {name: " ".join(values.get(name, "").split()) for name in FIELDS}
    for name, most in _LONGEST.items():
        if len(found[name]) > most or not (found[name] or name in _MAY_BE_EMPTY):
            raise InvalidPayee(name, _("From 1 to %(most)s characters.") % {"most": most})
    checks = {
        "inn": normalize_inn,
        "kpp": lambda text: normalize_kpp(text) if text else "",
        "ogrn": lambda text: normalize_ogrn(text) if text else "",
        "bic": normalize_bic,
        "account": lambda text: normalize_account(text, found["bic"]),
        "correspondent_account": lambda text: normalize_correspondent_account(text, found["bic"]),
    }
    for name, check in checks.items():
        try:
            found[name] = check(found[name])
        except InvalidIdentifier as error:
            raise InvalidPayee(name, str(error)) from None
    return found


@transaction.atomic
def set_payee(*, actor: Any, now: datetime, values: dict[str, str]) -> Payee:
    """Keep the requisites. Raises ``InvalidPayee``, ``PermissionDenied``."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    found = clean_payee(values)
    payee = Payee.objects.select_for_update().order_by("pk").first() or Payee()
    changes = {
        name: [getattr(payee, name), value] for name, value in found.items() if getattr(payee, name) != value
    }
    if payee.pk and not changes:
        return payee
    for name, value in found.items():
        setattr(payee, name, value)
    payee.changed_by, payee.changed_at = actor, now
    payee.save()
    record(actor=actor, now=now, action="payee.changed", obj=payee, object_name=payee.name, changes=changes)
    return payee
