"""Where ATOL Online tells that a receipt is ready."""

from django.urls import path

from clientela.integrations.atol import views

app_name = "atol"
urlpatterns = [path("notices/", views.notice, name="notice")]
