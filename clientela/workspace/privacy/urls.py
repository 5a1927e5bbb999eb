"""Addresses of the pages about personal data."""

from django.urls import path

from clientela.workspace.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.requests, name="requests"),
    path("rules/", views.rules, name="rules"),
    path("reading/", views.reading, name="reading"),
    path("clients/<int:pk>/", views.person, name="person"),
    path("clients/<int:pk>/data/", views.ask_file, name="ask_file"),
    path("clients/<int:pk>/erasure/", views.ask_to_forget, name="ask_to_forget"),
    path("clients/<int:pk>/readers/", views.readers, name="readers"),
    path("erasures/<int:erasure_id>/decision/", views.decide, name="decide"),
    path("files/<int:data_file_id>/", views.file, name="file"),
]
