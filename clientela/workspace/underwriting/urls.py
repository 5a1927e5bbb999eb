"""Addresses of underwriting."""

from django.urls import path

from clientela.workspace.underwriting import changes, views

app_name = "underwriting"
_R = "referrals/<int:referral_id>/"
_C = "changes/<int:change_referral_id>/"
urlpatterns = [
    path("", views.home, name="queue"),
    path("export.csv", views.export, {"kind": "csv"}, name="export_csv"),
    path("export.xlsx", views.export, {"kind": "xlsx"}, name="export_xlsx"),
    path("authority/", views.authority, name="authority"),
    path(_R, views.referral, name="referral"),
    path(f"{_R}acceptance/", views.act, {"kind": "acceptance"}, name="accept"),
    path(f"{_R}refusal/", views.act, {"kind": "refusal"}, name="decline"),
    path(f"{_R}inspection/", views.act, {"kind": "inspection"}, name="inspect"),
    path(_C, changes.change, name="change"),
    path(f"{_C}acceptance/", changes.act, {"kind": "acceptance"}, name="accept_change"),
    path(f"{_C}refusal/", changes.act, {"kind": "refusal"}, name="decline_change"),
    path(f"{_C}return/", changes.act, {"kind": "return"}, name="return_change"),
    path(f"{_C}inspection/", changes.act, {"kind": "inspection"}, name="inspect_change"),
    path("shots/<int:shot_id>/", views.shot, name="shot"),
]
