"""Addresses of the calendar's pages."""

from django.urls import URLPattern

app_name = "calendar"
urlpatterns: list[URLPattern] = []
