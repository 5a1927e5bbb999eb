"""The journal."""

from django.urls import path

from clientela.workspace.admin.views import journal

app_name = "audit"
urlpatterns = [
    path("", journal.journal, name="journal"),
    path("export/", journal.export, name="export"),
    path("verification/", journal.verification, name="verification"),
]
