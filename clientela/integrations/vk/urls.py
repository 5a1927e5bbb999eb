"""The address that VK's Callback API calls."""

from django.urls import path

from clientela.integrations.vk import views

app_name = "vk"
urlpatterns = [path("callback/", views.callback, name="callback")]
