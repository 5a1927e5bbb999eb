"""Payments by the Faster Payments System (SBP) through Raiffeisenbank, as its `sbp.yaml` describes them.

Source: github.com/Raiffeisen-DGTL/ecom-API. A dynamic code is made for each payment and paid once; the same order may get
another code while none of its codes is paid, so a code whose registration was not answered is worth nothing: nobody has seen
it. Refunds are known by a key of ours for good.
"""

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from clientela.modules.billing.ports import NotThere, Order, Refused, Returned, State, Taken, Unknown

API_URL = "https://e-commerce.raiffeisen.ru/api"
OK = "SUCCESS"
_PAID = {"SUCCESS": State.SUCCEEDED, "DECLINED": State.CANCELLED}
_OVER = {"CANCELLED": "cancelled", "EXPIRED": "expired"}
_RETURNED = {
    "IN_PROGRESS": State.PENDING, "COMPLETED": State.SUCCEEDED, "DECLINED": State.CANCELLED,
}  # fmt: skip
_NOT_THERE = {"ERROR.NOT_FOUND", "ERROR.REFUND_NOT_FOUND"}
_LONGEST, _LONGEST_OF_REFUND = 185, 140
_SECONDS = 20.0


class RaiffeisenSbp:
    """`Acquirer` of one merchant of SBP. An answer that is no JSON, or of 429 or 5xx, says nothing of what was done."""

    code = "raiffeisen"
    makes_receipts = False
    forgets_refunds = False

    def __init__(
        self, merchant: str, secret: str, *, base_url: str = API_URL, timeout: float = _SECONDS
    ) -> None:
        self._merchant, self._base_url, self._timeout = merchant, base_url.rstrip("/"), timeout
        self._signed = {"Authorization": f"Bearer {secret}"}

    def create(self, order: Order) -> Taken:
        if order.method != "sbp" or order.hold:
            raise Refused("SBP takes no cards and holds no sums")
        body = {
            "amount": float(order.amount), "currency": "RUB", "order": order.reference, "qrType": "QRDynamic",
            "paymentDetails": order.description[:_LONGEST], "sbpMerchantId": self._merchant,
        }  # fmt: skip
        found = self._call("POST", "/sbp/v1/qr/register", body=body)
        number, url = _text(found, "qrId"), _text(found, "payload")
        return Taken(id=number, state=State.PENDING, amount=order.amount, reference=order.reference, url=url)

    def read(self, payment_id: str) -> Taken:
        number = _plain(payment_id)
        paid = self._call("GET", f"/sbp/v1/qr/{number}/payment-info")
        amount, reference = _sum(paid), _text(paid, "order")
        state = _PAID.get(_text(paid, "paymentStatus"))
        if state is not None:
            return Taken(
                number, state, amount, reference, reason="declined" if state == State.CANCELLED else ""
            )
        code = self._call("GET", f"/sbp/v2/qrs/{number}")
        over = _OVER.get(_text(code, "qrStatus"))
        if over:
            return Taken(number, State.CANCELLED, amount, reference, reason=over)
        return Taken(number, State.PENDING, amount, reference, url=_text(code, "payload"))

    def capture(self, payment_id: str, *, amount: Decimal, key: str) -> Taken:
        """Nothing is held by SBP: what is paid is taken."""
        return self.read(payment_id)

    def cancel(self, payment_id: str, *, key: str) -> Taken:
        """The code is paid by nobody any more; what was paid already stays paid."""
        self._call("DELETE", f"/sbp/v2/qrs/{_plain(payment_id)}")
        return self.read(payment_id)

    def refund(self, payment_id: str, *, amount: Decimal, key: str, description: str) -> Returned:
        """Asked for with a key that is known there, it is only looked at."""
        try:
            return self.read_refund(key)
        except NotThere:
            paid = self._call("GET", f"/sbp/v1/qr/{_plain(payment_id)}/payment-info")
        body = {
            "amount": float(amount), "order": _text(paid, "order"), "refundId": key,
            "paymentDetails": description[:_LONGEST_OF_REFUND],
        }  # fmt: skip
        return _returned(self._call("POST", "/sbp/v1/refund", body=body), key, payment_id)

    def read_refund(self, refund_id: str) -> Returned:
        return _returned(self._call("GET", f"/sbp/v1/refund/{_plain(refund_id)}"), refund_id)

    def _call(self, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            with httpx.Client(timeout=self._timeout, headers=self._signed) as client:
                answer = client.request(method, f"{self._base_url}{path}", json=body)
            found: Any = (
                json.loads(answer.text, parse_float=Decimal, parse_int=Decimal) if answer.text else {}
            )
        except (httpx.HTTPError, ValueError) as error:
            raise Unknown(type(error).__name__) from error
        if answer.status_code == 429 or answer.status_code >= 500 or not isinstance(found, dict):
            raise Unknown(f"{answer.status_code}")
        code = str(found.get("code", OK))
        if code in _NOT_THERE or answer.status_code == httpx.codes.NOT_FOUND:
            raise NotThere(code)
        if code != OK or answer.status_code != httpx.codes.OK:
            raise Refused(f"{answer.status_code} {code} {found.get('message', '')}".strip())
        return found


def from_environment(environment: Mapping[str, str] = os.environ) -> RaiffeisenSbp:
    """The merchant of ``CLIENTELA_RAIFFEISEN_MERCHANT`` with ``CLIENTELA_RAIFFEISEN_SECRET``."""
    return RaiffeisenSbp(
        environment["CLIENTELA_RAIFFEISEN_MERCHANT"],
        environment["CLIENTELA_RAIFFEISEN_SECRET"],
        base_url=environment.get("CLIENTELA_RAIFFEISEN_URL") or API_URL,
    )


def _plain(identifier: str) -> str:
    """Ids come in with notices: nothing but letters, digits and dashes goes into a path."""
    if not identifier.isascii() or not identifier.replace("-", "").isalnum() or len(identifier) > 40:
        raise NotThere(identifier[:40])
    return identifier


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise Unknown(f"unreadable {name}")
    return value


def _sum(found: Mapping[str, Any]) -> Decimal:
    amount = found.get("amount")
    if not isinstance(amount, Decimal) or found.get("currency", "RUB") != "RUB":
        raise Unknown("unreadable amount")
    return amount.quantize(Decimal("0.01"))


def _returned(found: Mapping[str, Any], key: str, payment_id: str = "") -> Returned:
    state = _RETURNED.get(_text(found, "refundStatus"))
    if state is None:
        raise Unknown("unreadable refundStatus")
    return Returned(
        key, payment_id, state, _sum(found), reason="declined" if state == State.CANCELLED else ""
    )
