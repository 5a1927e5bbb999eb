"""Raiffeisenbank's SBP for tests, as github.com/Raiffeisen-DGTL/ecom-API (`sbp.yaml`) describes it: dynamic codes, their
payment, refunds by a key of the merchant, signed notices, and the faults of a line (500 before or after the work, a cut).
"""

import hashlib
import hmac
import json
import uuid
from decimal import Decimal
from typing import Any

from tests.servers.api import JsonApi, bring

MERCHANT, SECRET = "MA0000000552", "secret-key-of-the-merchant"
PAID_AT = "2026-11-18T10:45:13.109227+03:00"


class RaiffeisenServer(JsonApi):
    """One merchant. ``codes`` are the registered codes by their number, ``refunds`` by the merchant's key."""

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        super().__init__()

    @property
    def base_url(self) -> str:
        return f"{super().base_url}/api"

    # -- commands

    def pay(self, number: str) -> None:
        """The client pays the code in the app of a bank."""
        self.codes[number] |= {"status": "PAID", "payment": "SUCCESS"}

    def decline(self, number: str) -> None:
        self.codes[number]["payment"] = "DECLINED"

    def expire(self, number: str) -> None:
        self.codes[number]["status"] = "EXPIRED"

    def notice(self, number: str) -> tuple[bytes, str]:
        """The notice of a payment and its signature; bring it when and as often as you like."""
        code = self.codes[number]
        told = {
            "transactionId": 41, "qrId": number, "sbpMerchantId": MERCHANT, "merchantId": 1780672001,
            "amount": code["amount"], "currency": "RUB", "transactionDate": PAID_AT, "paymentStatus": code["payment"],
            "order": code["order"], "createDate": PAID_AT,
        }  # fmt: skip
        line = "|".join(
            str(told[name])
            for name in ("amount", "sbpMerchantId", "order", "paymentStatus", "transactionDate")
        )
        return json.dumps(told).encode(), hmac.new(SECRET.encode(), line.encode(), hashlib.sha256).hexdigest()

    def bring(self, url: str, body: bytes, signature: str) -> int:
        """Bring a notice once; the status of its answer."""
        return bring(url, body, X_Api_Signature_SHA256=signature)

    # -- the API

    def _trouble(self) -> dict[str, Any]:
        return {"code": "ERROR.INTERNAL"}

    def _act(self, method: str, path: str, body: dict[str, Any], headers: Any) -> tuple[int, dict[str, Any]]:
        path = path.removeprefix("/api")
        if (method, path) == ("POST", "/sbp/v1/qr/register"):  # needs no key, by the description
            return self._register(body)
        if headers.get("Authorization") != f"Bearer {SECRET}":
            return 401, {"code": "ERROR.UNAUTHORIZED", "message": "Wrong key"}
        if (method, path) == ("POST", "/sbp/v1/refund"):
            return self._refund(body)
        parts = path.strip("/").split("/")
        if parts[:3] == ["sbp", "v1", "refund"]:
            found = self.refunds.get(parts[3])
            return (
                (200, found) if found else (400, {"code": "ERROR.REFUND_NOT_FOUND", "message": "No refund"})
            )
        code = self.codes.get(parts[3])
        if code is None:
            return 400, {"code": "ERROR.NOT_FOUND", "message": "No such code"}
        if method == "DELETE":
            if code["status"] == "PAID":
                return 400, {"code": "ERROR.INVALID_REQUEST", "message": "Paid"}
            code["status"] = "CANCELLED"
            return 200, {}
        if path.endswith("/payment-info"):
            return 200, {
                "code": "SUCCESS", "amount": code["amount"], "currency": "RUB", "order": code["order"], "qrId": parts[3],
                "paymentStatus": code["payment"], "sbpMerchantId": MERCHANT, "createDate": PAID_AT,
                "qrExpirationDate": PAID_AT, "merchantId": 123,
            }  # fmt: skip
        return 200, {
            "qrId": parts[3],
            "qrStatus": code["status"],
            "payload": code["payload"],
            "qrUrl": code["payload"],
        }

    def _register(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body["sbpMerchantId"] != MERCHANT:
            return 400, {"code": "ERROR.MERCHANT_NOT_REGISTERED", "message": body["sbpMerchantId"]}
        if body["qrType"] != "QRDynamic" or body["currency"] != "RUB" or not body["amount"] > 0:
            return 400, {"code": "ERROR.INVALID_REQUEST", "message": "amount"}
        if len(body["order"]) > 40 or len(body.get("paymentDetails", "")) > 185:
            return 400, {"code": "ERROR.INVALID_ORDER", "message": "order"}
        same = [one for one in self.codes.values() if one["order"] == body["order"]]
        if any(one["payment"] == "SUCCESS" for one in same):
            return 400, {"code": "ERROR.ORDER_NUMBER_ALREADY_REGISTERED", "message": body["order"]}
        number = f"AD1{uuid.uuid4().hex[:29].upper()}"
        payload = f"https://qr.nspk.example/{number}?type=02&sum={round(body['amount'] * 100)}&cur=RUB"
        self.codes[number] = {
            "order": body["order"], "amount": body["amount"], "status": "NEW", "payment": "NO_INFO", "payload": payload,
        }  # fmt: skip
        return 200, {"code": "SUCCESS", "qrId": number, "payload": payload, "qrUrl": payload}

    def _refund(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        paid = [
            one
            for one in self.codes.values()
            if one["order"] == body["order"] and one["payment"] == "SUCCESS"
        ]
        if not paid:
            return 400, {"code": "ERROR.NOT_FOUND", "message": "Nothing was paid"}
        if body["refundId"] in self.refunds or len(body["refundId"]) > 40:
            return 400, {"code": "ERROR.INVALID_REQUEST", "message": "refundId"}
        back = sum(
            Decimal(str(one["amount"])) for one in self.refunds.values() if one["_order"] == body["order"]
        )
        if back + Decimal(str(body["amount"])) > Decimal(str(paid[0]["amount"])):
            return 400, {"code": "ERROR.REFUND_INSUFFICIENT_FUNDS", "message": "More than was paid"}
        self.refunds[body["refundId"]] = {
            "code": "SUCCESS", "amount": body["amount"], "refundStatus": "COMPLETED", "_order": body["order"],
        }  # fmt: skip
        return 200, self.refunds[body["refundId"]] | {"refundStatus": "IN_PROGRESS"}
