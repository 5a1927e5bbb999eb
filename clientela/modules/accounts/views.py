"""The personal page, the language, and pages around sign-in."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import issue_token, revoke_token
from clientela.modules.accounts import operations, queries
from clientela.modules.accounts.access import caller, signed_in
from clientela.modules.accounts.forms import PersonalForm, TokenForm


class SignIn(LoginView):
    """The sign-in page; in the demo it lists one person of each role."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["company"] = settings.COMPANY_NAME
        if settings.DEMO:
            context["demo_people"] = queries.demo_people()
            context["demo_password"] = getattr(settings, "DEMO_PASSWORD", "")
        return context


class SecondStep(AuthenticateView):
    """The code after the password."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and "code" not in request.POST:
            request.POST = QueryDict("code=")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@require_GET
def forgotten(request: HttpRequest) -> HttpResponse:
    """Who gives a new link."""
    return render(request, "account/forgotten.html")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Language of the person, or of the browser before sign-in; back to the page they came from."""
    language, back = request.POST.get("language", ""), request.POST.get("next", "/")
    inside = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = HttpResponseRedirect(back if inside and back.startswith("/") else "/")
    if language in dict(settings.LANGUAGES):
        user = request.user
        if user.is_authenticated:
            operations.change_personal(
                actor=user,
                now=timezone.now(),
                language=language,
                time_zone=user.time_zone,
                keyboard=user.keyboard,
            )
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax")
    return response


def _personal(request: HttpRequest, **context: Any) -> dict[str, Any]:
    user = caller(request)
    initial = {"language": user.language, "time_zone": user.time_zone, "keyboard": user.keyboard}
    return {
        "form": PersonalForm(initial=initial),
        "token_form": TokenForm(permissions=user.permissions),
        "sessions": queries.sessions_of(user, request.session.session_key),
        "tokens": queries.tokens_of(user),
        "has_second_step": queries.has_second_step(user),
        "now": timezone.now(),
    } | context


@signed_in
@require_http_methods(["GET", "POST"])
def personal(request: HttpRequest) -> HttpResponse:
    """Language, theme, zone, keys, sign-in, sessions and tokens of the person."""
    if request.method == "GET":
        return render(request, "accounts/settings.html", _personal(request))
    form = PersonalForm(request.POST)
    if not form.is_valid():
        return render(request, "accounts/settings.html", _personal(request, form=form), status=422)
    operations.change_personal(actor=caller(request), now=timezone.now(), **form.cleaned_data)
    response = redirect("accounts:settings")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, caller(request).language, max_age=365 * 86400, samesite="Lax"
    )
    response.set_cookie(
        "keys", "on" if caller(request).keyboard else "off", max_age=365 * 86400, samesite="Lax"
    )
    messages.success(request, _("Saved."))
    return response


@signed_in
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign another browser of the person out."""
    session = get_object_or_404(UserSession, pk=session_id, user=caller(request))
    operations.end_session(actor=caller(request), now=timezone.now(), session=session)
    messages.success(request, _("The session has ended."))
    return redirect("accounts:settings")


@signed_in
@never_cache
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """A new token; its secret is in this answer and nowhere else."""
    form = TokenForm(request.POST, permissions=caller(request).permissions)
    if not form.is_valid():
        return render(request, "accounts/settings.html", _personal(request, token_form=form), status=422)
    token, secret = issue_token(actor=caller(request), now=timezone.now(), **form.cleaned_data)
    return render(request, "accounts/settings.html", _personal(request, new_token=token, secret=secret))


@signed_in
@require_POST
def end_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke one of the person's tokens."""
    token = get_object_or_404(Token, pk=token_id, user=caller(request))
    revoke_token(actor=caller(request), now=timezone.now(), token=token)
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:settings")
