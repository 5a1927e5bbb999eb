"""Addresses of products and tariffs."""

from django.urls import path

from clientela.workspace.products import checks, product_views, views

app_name = "product_pages"
_D = "definitions/<int:product_version_id>/"
_V = "versions/<int:tariff_version_id>/"
urlpatterns = [
    path("", views.products, name="list"),
    path("products/<str:product_code>/draft/", product_views.draft, name="product_draft"),
    path(_D, product_views.definition, name="definition"),
    path(f"{_D}look/", product_views.look, name="definition_look"),
    path(f"{_D}check/", checks.of_product, name="definition_check"),
    path(f"{_D}proposal/", product_views.propose, name="definition_propose"),
    path(f"{_D}approval/", product_views.approve, name="definition_approve"),
    path(f"{_D}return/", product_views.send_back, name="definition_return"),
    path("tables/<int:tariff_table_id>/", views.table, name="table"),
    path("tables/<int:tariff_table_id>/draft/", views.draft, name="draft"),
    path(f"{_V}rows/", views.rows, name="rows"),
    path(f"{_V}cell/", views.cell, name="cell"),
    path(f"{_V}file/", views.file, name="file"),
    path(f"{_V}upload/", views.upload, name="upload"),
    path(f"{_V}check/", checks.of_table, name="check"),
    path(f"{_V}proposal/", views.propose, name="propose"),
    path(f"{_V}approval/", views.approve, name="approve"),
    path(f"{_V}return/", views.send_back, name="send_back"),
]
