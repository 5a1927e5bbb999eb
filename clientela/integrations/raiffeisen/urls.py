"""Where Raiffeisenbank brings notices of SBP."""

from django.urls import path

from clientela.integrations.raiffeisen import views

app_name = "raiffeisen"
urlpatterns = [path("notices/", views.notice, name="notice")]
