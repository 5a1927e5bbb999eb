"""The gallery of the design system."""

from django.urls import path

from clientela.foundation.ui.views import gallery

app_name = "ui"
urlpatterns = [path("", gallery, name="gallery")]
