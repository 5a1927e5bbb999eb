"""Sign-in, second factor, sessions: allauth's views under our own templates; nobody signs up."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path, re_path, reverse_lazy
from django.views.generic import RedirectView

from clientela.modules.accounts import views

settings_page = RedirectView.as_view(url=reverse_lazy("accounts:settings"))

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", views.forgotten, name="account_reset_password"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", settings_page, name="mfa_index"),
    path("second-factor/code/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/totp/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/totp/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/recovery/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/recovery/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        "second-factor/recovery/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("language/", views.set_language, name="set_language"),
]
