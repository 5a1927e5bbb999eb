"""The personal page."""

from django.urls import path

from clientela.modules.accounts import photo_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.personal, name="settings"),
    path("photo/", photo_views.set_own, name="photo"),
    path("photo/removal/", photo_views.remove_own, name="photo_removal"),
    path("photo/restoration/", photo_views.restore_own, name="photo_back"),
    path("pictures/<str:token>/", photo_views.picture, name="picture"),
    path("sessions/<int:session_id>/end/", views.end_session, name="end_session"),
    path("tokens/", views.create_token, name="create_token"),
    path("tokens/<int:token_id>/end/", views.end_token, name="end_token"),
]
