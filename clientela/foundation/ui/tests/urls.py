"""Addresses for the tests of the design system alone."""

from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("account/", include("allauth.account.urls")),
    path("ui/", include("clientela.foundation.ui.urls")),
]
