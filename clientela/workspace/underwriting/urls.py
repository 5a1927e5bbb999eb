"""Addresses of underwriting."""

from django.urls import path

from clientela.workspace.underwriting import views

app_name = "underwriting"
_R = "referrals/<int:referral_id>/"
urlpatterns = [
    path("", views.home, name="queue"),
    path("authority/", views.authority, name="authority"),
    path(_R, views.referral, name="referral"),
    path(f"{_R}acceptance/", views.act, {"kind": "acceptance"}, name="accept"),
    path(f"{_R}refusal/", views.act, {"kind": "refusal"}, name="decline"),
    path(f"{_R}inspection/", views.act, {"kind": "inspection"}, name="inspect"),
    path("shots/<int:shot_id>/", views.shot, name="shot"),
]
