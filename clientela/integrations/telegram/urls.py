"""The address that Telegram brings updates to."""

from django.urls import path

from clientela.integrations.telegram import views

app_name = "telegram"
urlpatterns = [path("webhook/", views.webhook, name="webhook")]
