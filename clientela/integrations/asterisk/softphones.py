"""Telephones in browsers: each person's account is told to Asterisk over ARI and ends the same day.

Nothing is written to Asterisk's files: the objects live in its memory (`conf/sorcery.conf`), and a browser that is
refused after a restart asks for its account again. The secret follows from the key of the installation, the station and
the day, so that every page of a person gets the same one.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings as django_settings

from clientela.integrations.asterisk.client import Ari, Refused
from clientela.integrations.asterisk.settings import AsteriskSettings, read_settings
from clientela.modules.calls.ports import SoftphoneAccount

_LIVES = timedelta(hours=12)
_KINDS = ("endpoint", "auth", "aor")
_UNTIL = "clientela-until-"


class BrowserPhones:
    """`Softphones`: accounts of PJSIP over a WebSocket."""

    def __init__(self, settings: AsteriskSettings, key: str) -> None:
        self._settings, self._key = settings, key.encode()
        self.server = settings.softphones

    def account(self, station: str, *, now: datetime | None = None) -> SoftphoneAccount | None:
        """Valid for 12 to 24 hours. Raises `ExchangeDown`."""
        settings = self._settings
        if not settings.softphones or not station:
            return None
        now = now or datetime.now(UTC)
        period = int(now.timestamp() // _LIVES.total_seconds())
        until = datetime.fromtimestamp((period + 2) * _LIVES.total_seconds(), UTC)
        secret = hmac.new(self._key, f"softphone {station} {period}".encode(), hashlib.sha256).hexdigest()[
            :32
        ]
        user = f"person-{station}"
        host = urlsplit(settings.softphones).hostname or ""
        with Ari(settings) as ari:
            self._forget_old(ari, now)
            self._put(ari, "auth", user, {"auth_type": "userpass", "username": user, "password": secret})
            self._put(ari, "aor", user, {"max_contacts": "3", "remove_existing": "yes"})
            self._put(
                ari,
                "endpoint",
                user,
                {
                    "context": settings.softphone_context,
                    "aors": user,
                    "auth": user,
                    "webrtc": "yes",
                    "disallow": "all",
                    "allow": "alaw,ulaw",
                    "direct_media": "no",
                    # A place for words of ours that Asterisk itself never looks at.
                    "callerid_tag": f"{_UNTIL}{int(until.timestamp())}",
                },
            )
        return SoftphoneAccount(settings.softphones, f"sip:{user}@{host}", user, secret, until)

    def _put(self, ari: Ari, kind: str, name: str, fields: Mapping[str, str]) -> None:
        body = {"fields": [{"attribute": name, "value": value} for name, value in fields.items()]}
        ari.ask("PUT", "asterisk", "config", "dynamic", "res_pjsip", kind, name, body=body)

    def _forget_old(self, ari: Ari, now: datetime) -> None:
        """Accounts whose day is over; whoever asks for one sees to those of the others."""
        for endpoint in ari.ask("GET", "endpoints", "PJSIP"):
            name = endpoint["resource"]
            with suppress(Refused, ValueError):  # gone meanwhile
                place = ("asterisk", "config", "dynamic", "res_pjsip")
                fields = ari.ask("GET", *place, "endpoint", name)
                said = next((f["value"] for f in fields if f["attribute"] == "callerid_tag"), "")
                if said.startswith(_UNTIL) and int(said.removeprefix(_UNTIL)) <= now.timestamp():
                    for kind in _KINDS:
                        ari.ask("DELETE", *place, kind, name)


def from_environment(environment: Mapping[str, str] = os.environ) -> BrowserPhones:
    """The accounts of the exchange that `settings.read_settings` describes."""
    return BrowserPhones(read_settings(environment), django_settings.SECRET_KEY)
