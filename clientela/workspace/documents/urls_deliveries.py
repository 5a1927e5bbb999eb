"""Addresses of deliveries."""

from django.urls import path

from clientela.workspace.documents import deliveries

app_name = "deliveries"
urlpatterns = [
    path("", deliveries.listing, name="list"),
    path("points/", deliveries.points, name="points"),
    path("points/<int:pickup_point_id>/", deliveries.points, name="point"),
]
