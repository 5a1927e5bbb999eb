"""Addresses of feedback."""

from django.urls import path

from clientela.workspace.feedback.views import acts, pages

app_name = "feedback"
urlpatterns = [
    path("", pages.home, name="home"),
    path("export.csv", pages.export, name="export"),
    path("surveys/", acts.surveys, name="surveys"),
    path("surveys/<int:survey_id>/", acts.survey, name="survey"),
    path("<int:request_id>/answer/", acts.answering, name="answer"),
    path("<int:request_id>/call-back/", acts.settling, name="settle"),
    path("<int:request_id>/call-back/undoing/", acts.unsettling, name="unsettle"),
]
