"""How sign-in behaves: who gets in, what is told, and what the journal keeps of it."""

import base64
import hashlib
from io import BytesIO
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.forms import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.models import User

LOCK_TOLD = "sign-in-lock-told:"
LOCK_SECONDS = 300
_TEXTS = {
    "account/messages/password_changed.txt": _("The password is changed."),
    "mfa/messages/totp_activated.txt": _("The second step of sign-in is on."),
    "mfa/messages/totp_deactivated.txt": _("The second step of sign-in is off."),
    "mfa/messages/recovery_codes_generated.txt": _(
        "New recovery codes are ready. Keep them apart from the phone."
    ),
}


def attempts_key(email: str) -> str:
    """Key under which wrong passwords of this address are counted, the same on every host name."""
    return f"sign-in:{email}"


def lock_key(email: str) -> str:
    """Cache key that says the journal already knows of this lock."""
    return LOCK_TOLD + hashlib.sha256(email.encode()).hexdigest()


class AccountAdapter(DefaultAccountAdapter):
    """People are created by an administrator or an import; ten wrong passwords in five minutes lock."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _(
            "Too many wrong passwords: sign-in is closed for 5 minutes. An administrator can open it at once."
        ),
        "email_password_mismatch": _(
            "The e-mail or the password is wrong. Check the letter case and the layout."
        ),
        "account_inactive": _("This account is switched off. Ask your administrator."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return attempts_key(_email_of(credentials))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            email = _email_of(credentials)
            if cache.add(lock_key(email), True, LOCK_SECONDS):
                self._journal(request, email, "sign_in.locked")
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        self._journal(request, _email_of(credentials), "sign_in.failed")

    def _journal(self, request: HttpRequest, email: str, action: str) -> None:
        """What was typed is kept only when it is a known address: it may be a password in the wrong field."""
        user = User.objects.filter(email=email).first()
        record(
            actor=None,
            now=timezone.now(),
            action=action,
            obj=user,
            object_type="accounts.user",
            address=self.get_client_ip(request),
        )

    def reauthenticate(self, user: Any, password: str) -> bool:
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *args: Any, **kwargs: Any
    ) -> None:
        """Only results that the page itself does not show."""
        if message_template in _TEXTS:
            messages.success(request, _TEXTS[message_template])


def _email_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "").strip().lower()


class MfaAdapter(DefaultMFAAdapter):
    """Secrets are encrypted at rest; a code drawn by segno; nobody takes off a step that is required."""

    def _fernet(self) -> Fernet:
        key = hashlib.sha256(b"mfa:" + settings.SECRET_KEY.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(key))

    def encrypt(self, text: str) -> str:
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._fernet().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        out = BytesIO()
        segno.make(url, error="m").save(out, kind="svg", scale=5, border=2, xmldecl=False, light="#fff")
        return out.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not authenticator.user.totp_required

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The journal keeps it; staff get no mail from here."""
