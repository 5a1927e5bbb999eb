"""Addresses of commission."""

from django.urls import path

from clientela.workspace.commission import files, rates, views

app_name = "commission"
urlpatterns = [
    path("", views.home, name="home"),
    path("export/<slug:kind>/", files.export, name="export"),
    path("of/<int:agent_id>/", views.statement, name="statement"),
    path("of/<int:agent_id>/closing/", views.close, name="close"),
    path("of/<int:agent_id>/act/", files.act, name="act"),
    path("of/<int:agent_id>/file/<slug:kind>/", files.lines, name="file"),
    path("rates/", rates.home, name="rates"),
    path("rates/new/", rates.new, name="new_rate"),
    path("rates/<int:commission_rate_id>/end/", rates.end, name="end_rate"),
    path("rates/<int:commission_rate_id>/removal/", rates.remove, name="remove_rate"),
]
