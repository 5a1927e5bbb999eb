"""Addresses of the steward's page."""

from django.urls import path

from clientela.workspace.duplicates import cases, joining, views

app_name = "duplicates"
_P = "<int:duplicate_id>/"
urlpatterns = [
    path("", views.home, name="queue"),
    path("search/", views.search, name="search"),
    path("acceptance/", views.accept_many, name="accept_many"),
    path("rules/", joining.rules, name="rules"),
    path("joins/", joining.joins, name="joins"),
    path("joins/undoing/", joining.undo_run, name="undo_run"),
    path(_P, views.pair, name="pair"),
    path(f"{_P}together/", cases.together, name="together"),
    path(f"{_P}parting/", cases.part, name="part"),
    path(f"{_P}merge/", views.merge, name="merge"),
    path(f"{_P}difference/", views.differ, name="differ"),
    path(f"{_P}undoing/", views.undo, name="undo"),
]
