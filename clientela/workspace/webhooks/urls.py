"""Addresses of other systems that hear of our events."""

from django.urls import path

from clientela.workspace.webhooks import views

app_name = "webhooks"
_W = "<int:webhook_id>/"
urlpatterns = [
    path("", views.endpoints, name="list"),
    path("new/", views.create, name="create"),
    path(_W, views.endpoint, name="endpoint"),
    path(f"{_W}change/", views.change, name="change"),
    path(f"{_W}secret/", views.secret, name="secret"),
    path(f"{_W}switch/", views.switch, name="switch"),
    path(f"{_W}test/", views.test, name="test"),
    path(f"{_W}replay/", views.replay_failed, name="replay_failed"),
    path(f"{_W}removal/", views.remove, name="remove"),
    path("deliveries/<int:pk>/replay/", views.replay, name="replay"),
]
