"""Addresses of a person's alerts."""

from django.urls import path

from clientela.workspace.alerts import views

app_name = "alerts"
urlpatterns = [
    path("", views.settings_page, name="settings"),
    path("news/", views.news, name="news"),
    path("trial/", views.trial, name="trial"),
    path("hush/", views.hush, name="hush"),
    path("browsers/", views.add_browser, name="add_browser"),
    path("browsers/<int:browser_id>/removal/", views.remove_browser, name="remove_browser"),
]
