"""Sign-in, sign-out and second-factor changes go into the journal."""

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_out
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone

from clientela.foundation.audit.operations import record


def journal(user: Any, request: HttpRequest | None, action: str) -> None:
    """One entry about the person's own account."""
    if user is None:
        return
    address = get_adapter().get_client_ip(request) if request else None
    record(actor=user, now=timezone.now(), action=action, obj=user, address=address)


def _on(signal: Signal, action: str) -> None:
    def receive(sender: Any, user: Any = None, request: HttpRequest | None = None, **kwargs: Any) -> None:
        name = action
        authenticator = kwargs.get("authenticator")
        if authenticator is not None:
            name = f"{authenticator.type}.{action}"
        journal(user, request, name)

    signal.connect(receive, weak=False, dispatch_uid=f"accounts.{action}.{id(signal)}")


def connect() -> None:
    """Called once when the apps are ready."""
    _on(account.user_logged_in, "sign_in.done")
    _on(user_logged_out, "sign_out.done")
    _on(account.password_changed, "password.changed")
    _on(account.password_reset, "password.reset")
    _on(mfa.authenticator_added, "added")
    _on(mfa.authenticator_removed, "removed")
    _on(mfa.authenticator_reset, "renewed")
    _on(mfa.authentication_failed, "refused")
