"""Where YooKassa brings notices."""

from django.urls import path

from clientela.integrations.yookassa import views

app_name = "yookassa"
urlpatterns = [path("notices/", views.notice, name="notice")]
