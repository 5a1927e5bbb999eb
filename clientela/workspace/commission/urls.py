"""Addresses of commission."""

from django.urls import path

from clientela.workspace.commission import files, rates, rents, views

app_name = "commission"
urlpatterns = [
    path("", views.home, name="home"),
    path("export/<slug:kind>/", files.export, name="export"),
    path("of/<int:agent_id>/", views.statement, name="statement"),
    path("of/<int:agent_id>/closing/", views.close, name="close"),
    path("of/<int:agent_id>/act/", files.act, name="act"),
    path("of/<int:agent_id>/file/<slug:kind>/", files.lines, name="file"),
    path("rent/", rents.home, name="rents"),
    path("rent/clean/", rents.clean, name="rent_clean"),
    path("rent/terms/", rents.terms, name="rent_terms"),
    path("rent/<int:rent_id>/approval/", rents.approve, name="rent_approve"),
    path("rent/<int:rent_id>/return/", rents.send_back, name="rent_return"),
    path("rent/<int:rent_id>/answer/", rents.answer, name="rent_answer"),
    path("rates/", rates.home, name="rates"),
    path("rates/new/", rates.new, name="new_rate"),
    path("rates/<int:commission_rate_id>/end/", rates.end, name="end_rate"),
    path("rates/<int:commission_rate_id>/removal/", rates.remove, name="remove_rate"),
]
