"""The personal page."""

from django.urls import path

from clientela.modules.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.personal, name="settings"),
    path("sessions/<int:session_id>/end/", views.end_session, name="end_session"),
    path("tokens/", views.create_token, name="create_token"),
    path("tokens/<int:token_id>/end/", views.end_token, name="end_token"),
]
