"""Addresses of the agents' dashboards."""

from django.urls import path

from clientela.workspace.agents import views

app_name = "agents"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("<int:agent_id>/", views.agent, name="agent"),
]
