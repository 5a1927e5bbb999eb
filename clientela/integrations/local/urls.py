"""The page of the demo's bank."""

from django.urls import path

from clientela.integrations.local import views

app_name = "local"
urlpatterns = [path("<str:bank_payment>/", views.bank, name="bank")]
