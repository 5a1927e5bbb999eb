"""The registry of the operator of the national insurance information system, over HTTP."""

import os
import time
from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx
from ninja import Schema
from pydantic import Field, ValidationError

from clientela.modules.bonus_malus.drivers import Key, plain_licence
from clientela.modules.bonus_malus.ports import Answer, RegistryDown, RegistryRefused
from clientela.modules.bonus_malus.rules import CLASSES

LONGEST_ANSWER = 64 * 1024
CLASS = "^(" + "|".join(CLASSES) + ")$"


class _Told(Schema):
    klass: str = Field(alias="class", pattern=CLASS)
    since: date | None = None
    previous: str = Field("", alias="previousClass", pattern=f"{CLASS}|^$")


class NsisRegistry:
    """Asks by name, birth date and licence. Thread-safe as ``httpx.Client`` is."""

    name, remote = "nsis", True

    def __init__(self, url: str, token: str, *, timeout: float = 2.0) -> None:
        self._timeout = timeout
        self._http = httpx.Client(
            base_url=url, timeout=timeout, trust_env=False, headers={"Authorization": f"Bearer {token}"}
        )

    def ask(self, key: Key, on: date) -> Answer | None:
        try:
            status, content = self._post(_question(key, on))
        except httpx.HTTPError as error:
            raise RegistryDown(type(error).__name__) from error
        if status == 404 and _code(content) == "DRIVER_NOT_FOUND":
            return None
        if status in {400, 422}:
            raise RegistryRefused(f"HTTP {status} {_code(content)}".strip())
        if status != 200:
            raise RegistryDown(f"HTTP {status}")
        try:
            told = _Told.model_validate_json(content)
        except ValidationError:
            raise RegistryDown("an answer that is not understood") from None
        return Answer(told.klass, told.since, told.previous)

    def _post(self, question: dict[str, Any]) -> tuple[int, bytes]:
        """Read no longer and no more than agreed: a server may drip its answer for ever."""
        until = time.monotonic() + self._timeout
        with self._http.stream("POST", "kbm/v1/classes", json=question) as answer:
            content = b""
            for part in answer.iter_bytes():
                content += part
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("the whole answer took too long")
                if len(content) > LONGEST_ANSWER:
                    raise RegistryDown("an answer that is too long")
        return answer.status_code, content


def _question(key: Key, on: date) -> dict[str, Any]:
    return {
        "date": on.isoformat(),
        "driver": {
            "lastName": key.last_name,
            "firstName": key.first_name,
            "middleName": key.middle_name,
            "birthDate": key.birth_date.isoformat(),
            "licence": plain_licence(key.licence),
        },
    }


def _code(content: bytes) -> str:
    class Fault(Schema):
        code: str = Field("", max_length=60)

    try:
        return Fault.model_validate_json(content).code
    except ValidationError:
        return ""


def from_environment(environment: Mapping[str, str] = os.environ) -> NsisRegistry:
    """The registry of ``CLIENTELA_NSIS_*``: URL, TOKEN, TIMEOUT_SECONDS."""
    return NsisRegistry(
        environment["CLIENTELA_NSIS_URL"],
        environment.get("CLIENTELA_NSIS_TOKEN", ""),
        timeout=float(environment.get("CLIENTELA_NSIS_TIMEOUT_SECONDS", "2")),
    )
