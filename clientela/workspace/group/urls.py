"""Addresses of data from sister companies."""

from django.urls import path

from clientela.workspace.group.views import card, setup

app_name = "group"
urlpatterns = [
    path("", setup.home, name="home"),
    path("companies/new/", setup.company, name="new_company"),
    path("companies/<int:sister_id>/", setup.company, name="company"),
    path("kinds/new/", setup.kind, name="new_kind"),
    path("kinds/<int:fact_kind_id>/", setup.kind, name="kind"),
    path("texts/new/", setup.text, name="new_text"),
    path("waiting/<int:waiting_id>/attachment/", setup.attach_to, name="attach"),
    path("waiting/<int:waiting_id>/removal/", setup.dismiss_it, name="dismiss"),
    path("clients/<int:pk>/", card.part, name="of_client"),
    path("clients/<int:pk>/consent/", card.agree, name="agree"),
    path("clients/<int:pk>/withdrawal/", card.withdraw, name="withdraw"),
]
