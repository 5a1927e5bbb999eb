"""YooKassa for tests, as documented at yookassa.ru/developers: payments, holds, refunds, notices without a signature,
keys that repeat the first answer, and the faults that shops meet (500 after the work is done, lost answers).
"""

import base64
import json
import uuid
from decimal import Decimal
from typing import Any

from tests.servers.api import JsonApi, bring

SHOP, SECRET = "501234", "test_secret-of-the-shop"
_AUTHORIZATION = "Basic " + base64.b64encode(f"{SHOP}:{SECRET}".encode()).decode()


class _Error(Exception):
    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status, self.code = status, code


class YooKassaServer(JsonApi):
    """One shop. `payments` and `refunds` are the objects as the API tells them; `bodies` what was asked for."""

    def __init__(self) -> None:
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.bodies: list[dict[str, Any]] = []
        self._keys: dict[str, tuple[str, dict[str, Any]]] = {}
        super().__init__()

    # -- commands

    def pay(self, payment_id: str) -> None:
        """The client pays on YooKassa's page."""
        payment = self.payments[payment_id]
        payment["paid"] = True
        payment["status"] = "succeeded" if payment.pop("_capture") else "waiting_for_capture"

    def decline(self, payment_id: str, reason: str = "insufficient_funds") -> None:
        self.payments[payment_id] |= {
            "status": "canceled",
            "cancellation_details": {"party": "payment_network", "reason": reason},
        }

    def notice(self, event: str, object_id: str) -> dict[str, Any]:
        """The notice of an event, as it is now; bring it when and as often as you like."""
        kind = event.split(".")[0]
        found = self.payments[object_id] if kind == "payment" else self.refunds[object_id]
        return {"type": "notification", "event": event, "object": _told(found)}

    def bring(self, url: str, notice: Any) -> int:
        """Bring a notice to the shop once; the status of its answer."""
        data = notice if isinstance(notice, bytes) else json.dumps(notice).encode()
        return bring(url, data)

    # -- the API

    def _trouble(self) -> dict[str, Any]:
        return _error("internal_server_error", "Try again with the same key")

    def _act(self, method: str, path: str, body: dict[str, Any], headers: Any) -> tuple[int, dict[str, Any]]:
        try:
            if headers.get("Authorization") != _AUTHORIZATION:
                raise _Error(401, "invalid_credentials", "Wrong shop or key")
            if method == "GET":
                return 200, _told(self._read(path))
            key, asked = headers.get("Idempotence-Key") or "", json.dumps([path, body], sort_keys=True)
            if not key or len(key) > 64:
                raise _Error(400, "invalid_request", "Idempotence-Key is needed")
            if key in self._keys:
                if self._keys[key][0] != asked:
                    raise _Error(400, "invalid_request", "Idempotence key duplicated")
                return 200, self._keys[key][1]
            answer = _told(self._do(path, body))
            self._keys[key] = (asked, answer)
            return 200, answer
        except _Error as error:
            return error.status, _error(error.code, str(error))

    def _read(self, path: str) -> dict[str, Any]:
        _, kind, found = path.removeprefix("/v3").split("/")
        rows = self.payments if kind == "payments" else self.refunds
        if found not in rows:
            raise _Error(404, "not_found", f"There is no {found}")
        return rows[found]

    def _do(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(body)
        if path == "/v3/payments":
            return self._create(body)
        if path == "/v3/refunds":
            return self._refund(body)
        payment, act = self._read(path.rpartition("/")[0]), path.rpartition("/")[2]
        if payment["status"] != "waiting_for_capture":
            raise _Error(400, "invalid_request", f"The payment is {payment['status']}")
        payment["status"] = "succeeded" if act == "capture" else "canceled"
        if act == "cancel":
            payment["cancellation_details"] = {"party": "merchant", "reason": "canceled_by_merchant"}
        return payment

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        if Decimal(body["amount"]["value"]) <= 0 or body["amount"]["currency"] != "RUB":
            raise _Error(400, "invalid_request", "amount")
        if "receipt" in body and sum(
            Decimal(item["amount"]["value"]) for item in body["receipt"]["items"]
        ) != Decimal(body["amount"]["value"]):
            raise _Error(400, "invalid_request", "receipt")
        found = str(uuid.uuid4())
        self.payments[found] = {
            "id": found, "status": "pending", "paid": False, "amount": body["amount"], "test": True,
            "description": body["description"], "metadata": body["metadata"], "refundable": False,
            "refunded_amount": {"value": "0.00", "currency": "RUB"}, "_capture": body["capture"],
            "confirmation": {
                "type": "redirect",
                "confirmation_url": f"https://yoomoney.example/checkout?orderId={found}",
            },
        }  # fmt: skip
        return self.payments[found]

    def _refund(self, body: dict[str, Any]) -> dict[str, Any]:
        payment = self.payments.get(body["payment_id"])
        if payment is None or payment["status"] != "succeeded":
            raise _Error(400, "invalid_request", "The payment cannot be refunded")
        back = Decimal(payment["refunded_amount"]["value"]) + Decimal(body["amount"]["value"])
        if back > Decimal(payment["amount"]["value"]):
            raise _Error(400, "invalid_request", "More than was paid")
        payment["refunded_amount"]["value"] = f"{back:.2f}"
        found = str(uuid.uuid4())
        self.refunds[found] = {
            "id": found, "payment_id": payment["id"], "status": "succeeded", "amount": body["amount"],
        }  # fmt: skip
        return self.refunds[found]


def _told(found: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(found))
    return {key: value for key, value in told.items() if not key.startswith("_")}


def _error(code: str, description: str) -> dict[str, Any]:
    return {"type": "error", "id": str(uuid.uuid4()), "code": code, "description": description}
