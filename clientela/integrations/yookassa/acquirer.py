"""YooKassa over its API v3 (yookassa.ru/developers): one shop, card and SBP, its own receipts."""

import os
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from clientela.modules.billing.ports import NotThere, Order, Refused, Returned, State, Taken, Unknown

API_URL = "https://api.yookassa.ru"
_METHODS = {"card": "bank_card", "sbp": "sbp"}
_STATES = {
    "pending": State.PENDING, "waiting_for_capture": State.WAITING, "succeeded": State.SUCCEEDED,
    "canceled": State.CANCELLED,
}  # fmt: skip
# Insurance is free of VAT: code 1 of YooKassa's table.
_VAT_CODE = 1
_LONGEST = 128
_SECONDS = 20.0


class YooKassa:
    """`Acquirer` of one shop. 500, 202, 429 and a lost answer say nothing of what was done: `Unknown`."""

    code = "yookassa"
    makes_receipts = True
    forgets_refunds = True

    def __init__(self, shop: str, secret: str, *, base_url: str = API_URL, timeout: float = _SECONDS) -> None:
        self._base_url, self._auth, self._timeout = base_url, (shop, secret), timeout

    def create(self, order: Order) -> Taken:
        body = {
            "amount": _amount(order.amount),
            "capture": not order.hold,
            "payment_method_data": {"type": _METHODS[order.method]},
            "confirmation": {"type": "redirect", "return_url": order.return_url},
            "description": order.description[:_LONGEST],
            "metadata": {"reference": order.reference},
        }
        customer = {"email": order.email} if order.email else {"phone": order.phone.lstrip("+")}
        if order.email or order.phone:
            item = {
                "description": order.description[:_LONGEST], "quantity": "1.00", "amount": body["amount"],
                "vat_code": _VAT_CODE, "payment_mode": "full_payment", "payment_subject": "service",
            }  # fmt: skip
            body["receipt"] = {"customer": customer, "items": [item]}
        return _taken(self._call("POST", "/v3/payments", key=order.key, body=body))

    def read(self, payment_id: str) -> Taken:
        return _taken(self._call("GET", f"/v3/payments/{_plain(payment_id)}"))

    def capture(self, payment_id: str, *, amount: Decimal, key: str) -> Taken:
        path = f"/v3/payments/{_plain(payment_id)}/capture"
        return _taken(self._call("POST", path, key=key, body={"amount": _amount(amount)}))

    def cancel(self, payment_id: str, *, key: str) -> Taken:
        return _taken(self._call("POST", f"/v3/payments/{_plain(payment_id)}/cancel", key=key, body={}))

    def refund(self, payment_id: str, *, amount: Decimal, key: str, description: str) -> Returned:
        body = {
            "payment_id": payment_id,
            "amount": _amount(amount),
            "description": description[:_LONGEST],
        }
        return _returned(self._call("POST", "/v3/refunds", key=key, body=body))

    def read_refund(self, refund_id: str) -> Returned:
        return _returned(self._call("GET", f"/v3/refunds/{_plain(refund_id)}"))

    def _call(
        self, method: str, path: str, *, key: str = "", body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            with httpx.Client(base_url=self._base_url, auth=self._auth, timeout=self._timeout) as client:
                answer = client.request(
                    method, path, json=body, headers={"Idempotence-Key": key} if key else {}
                )
            found: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unknown(type(error).__name__) from error
        if not isinstance(found, dict):
            raise Unknown("no object")
        if answer.status_code == httpx.codes.OK:
            return found
        said = f"{answer.status_code} {found.get('code', '')} {found.get('description', '')}".strip()
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotThere(said)
        if answer.status_code in (202, 429) or answer.status_code >= 500:
            raise Unknown(said)
        raise Refused(said)


def from_environment(environment: Mapping[str, str] = os.environ) -> YooKassa:
    """The shop of ``CLIENTELA_YOOKASSA_SHOP`` with ``CLIENTELA_YOOKASSA_SECRET``."""
    return YooKassa(
        environment["CLIENTELA_YOOKASSA_SHOP"],
        environment["CLIENTELA_YOOKASSA_SECRET"],
        base_url=environment.get("CLIENTELA_YOOKASSA_URL") or API_URL,
    )


def _plain(identifier: str) -> str:
    """Ids come in with notices that anybody can write: nothing but letters, digits and dashes goes into a path."""
    if not identifier.isascii() or not identifier.replace("-", "").isalnum() or len(identifier) > 64:
        raise NotThere(identifier[:64])
    return identifier


def _amount(amount: Decimal) -> dict[str, str]:
    return {"value": f"{amount:.2f}", "currency": "RUB"}


def _sum(found: Mapping[str, Any], name: str) -> Decimal:
    part = found.get(name) or {"value": "0", "currency": "RUB"}
    if part["currency"] != "RUB":
        raise Unknown(f"currency {part['currency']}")
    return Decimal(part["value"])


def _taken(found: Mapping[str, Any]) -> Taken:
    try:
        return Taken(
            id=found["id"], state=_STATES[found["status"]], amount=_sum(found, "amount"),
            reference=str((found.get("metadata") or {}).get("reference", "")),
            url=(found.get("confirmation") or {}).get("confirmation_url", ""),
            reason=(found.get("cancellation_details") or {}).get("reason", ""),
            refunded=_sum(found, "refunded_amount"),
        )  # fmt: skip
    except (KeyError, TypeError, InvalidOperation) as error:
        raise Unknown(f"unreadable {error}") from error


def _returned(found: Mapping[str, Any]) -> Returned:
    try:
        return Returned(
            id=found["id"], payment_id=found["payment_id"], state=_STATES[found["status"]],
            amount=_sum(found, "amount"),
            reason=(found.get("cancellation_details") or {}).get("reason", ""),
        )  # fmt: skip
    except (KeyError, TypeError, InvalidOperation) as error:
        raise Unknown(f"unreadable {error}") from error
