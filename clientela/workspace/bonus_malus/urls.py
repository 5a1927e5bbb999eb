"""Addresses of classes of drivers."""

from django.urls import path

from clientela.workspace.bonus_malus import views

app_name = "classes"
urlpatterns = [
    path("", views.home, name="home"),
    path("disputes/<int:dispute_id>/", views.dispute, name="dispute"),
    path("disputes/<int:dispute_id>/sending/", views.send, name="send"),
    path("disputes/<int:dispute_id>/answer/", views.answer, name="answer"),
    path("disputes/<int:dispute_id>/withdrawal/", views.withdraw, name="withdraw"),
    path("clients/<int:client_id>/", views.of_client, name="of_client"),
    path("clients/<int:client_id>/question/", views.ask, name="ask"),
    path("classes/<int:lookup_id>/dispute/", views.open_one, name="open"),
]
