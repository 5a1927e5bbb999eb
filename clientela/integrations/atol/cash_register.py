"""ATOL Online, a rented cash register (54-FZ), over its protocol v4.

A document is sent with our key as ``external_id``: sent again, it is answered with error 33 and the first document's
``uuid``, so nothing needs to be kept between two asks. The receipt itself is read from the report.
"""

import os
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.modules.billing.ports import Fiscal, Refused, Sale, Unknown

API_URL = "https://online.atol.ru"
_SECONDS = 20.0
_LONGEST = 128  # characters of an item's name
MOST = Decimal("42949672.95")
TOKEN_ERRORS = {10, 11}  # missing or wrong, expired
SAME_DOCUMENT = 33
# Not this receipt's fault, or not known whose: it waits, and somebody looks at the log.
REFUSALS = {31, 32}  # the operation is not supported, the document does not pass the check
CASH, CASHLESS = 0, 1


class AtolOnline:
    """`CashRegister` of one group of devices. What is not a plain yes or no is `Unknown`, and is asked again."""

    _tokens: dict[tuple[str, str], str] = {}

    def __init__(
        self, *, login: str, password: str, group: str, company: Mapping[str, str], agent: Mapping[str, str],
        callback_url: str = "", base_url: str = API_URL, timeout: float = _SECONDS,
    ) -> None:  # fmt: skip
        self._login, self._password, self._group = login, password, group
        self._company, self._agent, self._callback_url = dict(company), dict(agent), callback_url
        self._base_url, self._timeout = base_url, timeout

    def register(self, sale: Sale) -> Fiscal:
        if not 0 < sale.amount <= MOST:
            raise Refused(f"sum {sale.amount}")
        told = self._call(
            "POST", f"{self._group}/{'sell_refund' if sale.is_return else 'sell'}", self._document(sale)
        )
        error = told.get("error")
        if error and _code(error) != SAME_DOCUMENT:
            raise _refusal(error)
        number = str(told.get("uuid") or "")
        if not number.isascii() or not number.replace("-", "").isalnum() or len(number) > 64:
            raise Unknown("no uuid")
        return self._fiscal(sale, self._call("GET", f"{self._group}/report/{number}"))

    def _document(self, sale: Sale) -> dict[str, Any]:
        amount = float(sale.amount)
        item: dict[str, Any] = {
            "name": sale.description[:_LONGEST], "price": amount, "quantity": 1, "sum": amount,
            "payment_method": "full_payment", "payment_object": "service", "vat": {"type": "none"},
        }  # fmt: skip
        if self._agent:
            item["agent_info"] = {"type": self._agent["type"]}
            item["supplier_info"] = {
                "name": self._agent["name"], "inn": self._agent["inn"], "phones": [self._agent["phone"]],
            }  # fmt: skip
        # The law wants an address of the client; without one the receipt goes to the company's own.
        client = {"email": sale.email} if sale.email else {"phone": sale.phone}
        document: dict[str, Any] = {
            "external_id": sale.key,
            "timestamp": f"{timezone.localtime(sale.at):%d.%m.%Y %H:%M:%S}",
            "receipt": {
                "client": client if any(client.values()) else {"email": self._company["email"]},
                "company": self._company, "items": [item], "total": amount,
                "payments": [{"type": CASH if sale.is_cash else CASHLESS, "sum": amount}],
            },
        }  # fmt: skip
        if self._callback_url:
            document["service"] = {"callback_url": self._callback_url}
        return document

    def _fiscal(self, sale: Sale, told: Mapping[str, Any]) -> Fiscal:
        status, error = told.get("status"), told.get("error")
        if status == "fail":
            raise Refused(_said(error))
        if status != "done" or error:
            raise Unknown(f"{status} {_said(error)}".strip())
        try:
            paid = told["payload"]
            if Decimal(str(paid["total"])) != sale.amount:
                raise Unknown("the sum of the document is another one")
            number, sign = str(paid["fiscal_document_number"]), str(paid["fiscal_document_attribute"])
            facts = [
                (_("Fiscal storage"), paid["fn_number"]),
                (_("Fiscal document"), number),
                (_("Fiscal sign"), sign),
                (_("Cash register"), paid["ecr_registration_number"]),
                (_("Shift"), paid["shift_number"]),
            ]
            when, site = str(paid["receipt_datetime"]), str(paid.get("fns_site") or "")
        except (KeyError, TypeError, InvalidOperation) as fault:
            raise Unknown(f"unreadable {fault}") from fault
        total = formats.money(sale.amount, "ru").replace("\xa0", " ")
        lines = [
            _("Return of a sale") if sale.is_return else _("Sale"), when, "", sale.description,
            f"{_('Without VAT')}: {total}", f"{_('Cash') if sale.is_cash else _('Cashless')}: {total}", "",
            *[f"{label}: {value}" for label, value in facts], site,
        ]  # fmt: skip
        return Fiscal(number[:20], sign[:20], "\n".join(lines).strip())

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        token = self._tokens.get((self._base_url, self._login)) or self._token()
        status, found = self._send(method, path, body, token)
        if status == httpx.codes.UNAUTHORIZED or _code(found.get("error")) in TOKEN_ERRORS:
            status, found = self._send(method, path, body, self._token())
        if status == httpx.codes.UNAUTHORIZED or status >= 500 or not found:
            raise Unknown(f"{status} {_said(found.get('error'))}".strip())
        return found

    def _token(self) -> str:
        status, found = self._send("POST", "getToken", {"login": self._login, "pass": self._password})
        token = found.get("token")
        if found.get("error") or not isinstance(token, str) or not token:
            # The settings are wrong, not the receipt: it waits until they are mended.
            raise Unknown(f"no token: {status} {_said(found.get('error'))}".strip())
        self._tokens[self._base_url, self._login] = token
        return token

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        try:
            with httpx.Client(base_url=self._base_url, timeout=self._timeout) as client:
                answer = client.request(
                    method, f"/possystem/v4/{path}", json=body, headers={"Token": token} if token else {}
                )
            found: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unknown(type(error).__name__) from error
        if not isinstance(found, dict):
            raise Unknown("no object")
        return answer.status_code, found


def _code(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 0


def _said(error: Any) -> str:
    return f"{_code(error)} {error.get('text', '')}".strip()[:200] if isinstance(error, dict) else ""


def _refusal(error: Any) -> Refused | Unknown:
    return Refused(_said(error)) if _code(error) in REFUSALS else Unknown(_said(error))


def from_environment(environment: Mapping[str, str] = os.environ) -> AtolOnline:
    """The group of devices of ``CLIENTELA_ATOL_…``; see docs/howto/payments.md."""

    def given(name: str) -> str:
        return environment.get(f"CLIENTELA_ATOL_{name}", "")

    company = {
        "email": environment["CLIENTELA_ATOL_EMAIL"], "inn": environment["CLIENTELA_ATOL_INN"],
        "sno": given("TAXATION") or "osn", "payment_address": environment["CLIENTELA_ATOL_ADDRESS"],
    }  # fmt: skip
    agent = {
        "type": given("AGENT"), "name": given("SUPPLIER_NAME"), "inn": given("SUPPLIER_INN"),
        "phone": given("SUPPLIER_PHONE"),
    }  # fmt: skip
    return AtolOnline(
        login=environment["CLIENTELA_ATOL_LOGIN"], password=environment["CLIENTELA_ATOL_PASSWORD"],
        group=environment["CLIENTELA_ATOL_GROUP"], company=company, agent=agent if agent["type"] else {},
        callback_url=given("CALLBACK_URL"), base_url=given("URL") or API_URL,
    )  # fmt: skip
