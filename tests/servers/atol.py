"""ATOL Online for tests, as its protocol v4 describes it: tokens that expire, documents known by ``external_id`` (33 with
the first one's uuid), a report that waits, fails or is done, and answers lost before or after the work.
"""

import uuid
from typing import Any

from tests.servers.api import JsonApi

LOGIN, PASSWORD, GROUP = "prichal-kassa", "kassa-secret", "prichal_main"


def _error(code: int, text: str) -> dict[str, Any]:
    return {"error_id": str(uuid.uuid4()), "code": code, "text": text, "type": "system"}


class AtolServer(JsonApi):
    """One group. `documents` by uuid: the operation, what was sent, and the state of its report."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.tokens: list[str] = []
        self.waits = 0
        self.fails = ""
        self.invalid = False
        super().__init__()

    def _may_fail(self, method: str, path: str) -> bool:
        """Only documents are lost; tokens and reports are not."""
        return method == "POST" and "sell" in path

    def _trouble(self) -> dict[str, Any]:
        return {"error": _error(50, "Error")}

    def expire(self) -> None:
        """No token that was given out is good any more."""
        self.tokens.append("")

    def _act(self, method: str, path: str, body: dict[str, Any], headers: Any) -> tuple[int, dict[str, Any]]:
        token = headers.get("Token", "")
        _empty, _system, _version, *rest = path.split("/")
        if rest == ["getToken"]:
            if (body.get("login"), body.get("pass")) != (LOGIN, PASSWORD):
                return 401, {"error": _error(12, "WrongLoginOrPassword")}
            self.tokens.append(str(uuid.uuid4()))
            return 200, {"error": None, "token": self.tokens[-1], "timestamp": "23.11.2026 10:00:00"}
        if not token or token != (self.tokens or [""])[-1]:
            return 401, {"error": _error(11, "ExpiredToken")}
        if rest[0] != GROUP:
            return 401, {"error": _error(20, "GroupCodeToToken")}
        return self._report(rest[2]) if method == "GET" else self._register(rest[1], body)

    def _register(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.invalid:
            return 400, {"uuid": "", "status": "fail", "error": _error(32, "IncomingValidationException")}
        for number, one in self.documents.items():
            if one["body"]["external_id"] == body["external_id"]:
                return 400, {"uuid": number, "status": "fail", "error": _error(33, "IncomingExistExternalId")}
        number = str(uuid.uuid4())
        self.documents[number] = {"operation": operation, "body": body, "asked": 0}
        return 200, {"uuid": number, "status": "wait", "error": None, "timestamp": "23.11.2026 10:00:00"}

    def _report(self, number: str) -> tuple[int, dict[str, Any]]:
        one = self.documents.get(number)
        if one is None:
            return 400, {"error": _error(34, "StateCheckNotFound")}
        one["asked"] += 1
        if one["asked"] <= self.waits:
            return 200, {"uuid": number, "status": "wait", "error": None, "payload": None}
        if self.fails:
            return 200, {
                "uuid": number,
                "status": "fail",
                "error": _error(-3897, self.fails),
                "payload": None,
            }
        payload = {
            "total": one["body"]["receipt"]["total"], "fns_site": "www.nalog.gov.ru", "fn_number": "1110000100238211",
            "shift_number": 23, "receipt_datetime": "23.11.2026 10:00:00", "fiscal_receipt_number": 6,
            "fiscal_document_number": 133, "ecr_registration_number": "0000111118041361",
            "fiscal_document_attribute": 3449555941,
        }  # fmt: skip
        return 200, {"uuid": number, "status": "done", "error": None, "payload": payload}
