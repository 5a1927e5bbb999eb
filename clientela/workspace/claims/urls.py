"""Addresses of claims."""

from django.urls import path

from clientela.workspace.claims import acts, views

app_name = "claims"
_C = "<int:claim_id>/"
urlpatterns = [
    path("", views.home, name="list"),
    path("export.csv", views.export, {"kind": "csv"}, name="export_csv"),
    path("export.xlsx", views.export, {"kind": "xlsx"}, name="export_xlsx"),
    path("new/", acts.report, name="new"),
    path(_C, views.claim, name="claim"),
    path(f"{_C}work/", acts.act, {"kind": "work"}, name="take"),
    path(f"{_C}papers/", acts.act, {"kind": "papers"}, name="ask"),
    path(f"{_C}papers-here/", acts.act, {"kind": "papers-here"}, name="came"),
    path(f"{_C}payment/", acts.act, {"kind": "payment"}, name="pay"),
    path(f"{_C}refusal/", acts.act, {"kind": "refusal"}, name="refuse"),
    path(f"{_C}dispute/", acts.dispute, name="dispute"),
    path(f"{_C}photos/", acts.add_photo, name="add_photo"),
    path("photos/<int:claim_photo_id>/", views.photo, name="photo"),
]
