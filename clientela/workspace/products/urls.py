"""Addresses of products and tariffs."""

from django.urls import path

from clientela.workspace.products import views

app_name = "product_pages"
_V = "versions/<int:tariff_version_id>/"
urlpatterns = [
    path("", views.products, name="list"),
    path("tables/<int:tariff_table_id>/", views.table, name="table"),
    path("tables/<int:tariff_table_id>/draft/", views.draft, name="draft"),
    path(f"{_V}rows/", views.rows, name="rows"),
    path(f"{_V}file/", views.file, name="file"),
    path(f"{_V}upload/", views.upload, name="upload"),
    path(f"{_V}check/", views.check, name="check"),
    path(f"{_V}proposal/", views.propose, name="propose"),
    path(f"{_V}approval/", views.approve, name="approve"),
    path(f"{_V}return/", views.send_back, name="send_back"),
]
