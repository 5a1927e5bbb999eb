"""The VK API on the wire (dev.vk.com, version 5.199). Knows nothing of our messages."""

from typing import Any

import httpx

API_URL = "https://api.vk.com/method/"
API_VERSION = "5.199"
_UPLOAD_SECONDS, _NOT_SAVED = 60.0, 105


class VkError(Exception):
    """The API answered with an error; `code` is VK's."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code


class NotSent(Exception):
    """The request did not reach VK."""


class NoAnswer(Exception):
    """The request may have reached VK; there is no usable answer."""


class VkClient:
    """Calls methods with a community's access key. Thread-safe as `httpx.Client` is."""

    def __init__(self, token: str, *, base_url: str = API_URL, timeout: float = 15.0) -> None:
        self._token = token
        self._http = httpx.Client(base_url=base_url, timeout=timeout, trust_env=False)

    def call(self, method: str, **parameters: str | int) -> Any:
        """The method's `response`. Raises `VkError`, `NotSent`, `NoAnswer`."""
        form = {**parameters, "access_token": self._token, "v": API_VERSION}
        try:
            answer = self._http.post(method, data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        try:
            data = answer.json()
        except ValueError:
            raise NoAnswer(f"HTTP {answer.status_code}") from None
        if "error" in data:
            raise VkError(int(data["error"]["error_code"]), str(data["error"].get("error_msg", "")))
        if "response" not in data:
            raise NoAnswer(f"HTTP {answer.status_code} without a response")
        return data["response"]

    def upload(self, url: str, field: str, name: str, content: bytes, content_type: str) -> dict[str, Any]:
        """What the upload server at ``url`` says of a file. Raises `NotSent`, `NoAnswer`."""
        try:
            answer = self._http.post(
                url, files={field: (name, content, content_type)}, timeout=_UPLOAD_SECONDS
            )
            told: dict[str, Any] = answer.json()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(type(error).__name__) from error
        except (httpx.HTTPError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error
        if field not in told:
            raise VkError(_NOT_SAVED, str(told.get("error", "the file was not taken")))
        return told

    def close(self) -> None:
        self._http.close()
