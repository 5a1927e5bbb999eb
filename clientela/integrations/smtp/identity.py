"""How a mail names our message, so that replies, bounces and success reports find their way back.

The same token `<id>.<signature>` stands in the Message-ID, the envelope sender and the DSN envelope
id; the signature keeps strangers from reporting about messages they never got.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field

_SIGNED_ID = r"(\d{1,19})\.([0-9a-f]{16})"
_MESSAGE_ID = re.compile(rf"<m{_SIGNED_ID}@[^<>@\s]+>")
_RETURN_PATH = re.compile(rf"\+{_SIGNED_ID}@", re.IGNORECASE)
_ENVELOPE_ID = re.compile(rf"^{_SIGNED_ID}$")


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """`domain` stands in Message-IDs; `bounce_mailbox` receives bounces and takes `+` extensions."""

    domain: str
    bounce_mailbox: str
    secret: str = field(repr=False)

    def token(self, message_id: int) -> str:
        key = self.secret.encode()
        signature = hmac.new(key, f"mail:{message_id}".encode(), hashlib.sha256).hexdigest()
        return f"{message_id}.{signature[:16]}"

    def message_id(self, message_id: int) -> str:
        """The Message-ID header: the same at every attempt to send."""
        return f"<m{self.token(message_id)}@{self.domain}>"

    def return_path(self, message_id: int) -> str:
        """The envelope sender: `bounce+<token>@domain`."""
        local, _, domain = self.bounce_mailbox.rpartition("@")
        return f"{local}+{self.token(message_id)}@{domain}"

    def envelope_id(self, message_id: int) -> str:
        """ENVID of RFC 3461."""
        return self.token(message_id)

    def from_message_ids(self, header: str) -> int | None:
        """Our id from In-Reply-To or References: the last one of ours, None when there is none."""
        return self._last(_MESSAGE_ID.findall(header))

    def from_address(self, addresses: str) -> int | None:
        """Our id from an address a bounce was sent to."""
        return self._last([(number, sign.lower()) for number, sign in _RETURN_PATH.findall(addresses)])

    def from_envelope_id(self, value: str) -> int | None:
        return self._last(_ENVELOPE_ID.findall(value.strip()))

    def _last(self, found: list[tuple[str, str]]) -> int | None:
        for number, signature in reversed(found):
            if hmac.compare_digest(self.token(int(number)), f"{int(number)}.{signature}"):
                return int(number)
        return None
