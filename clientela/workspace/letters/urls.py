"""Addresses of letters."""

from django.urls import path

from clientela.workspace.letters import views

app_name = "letters"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.create, name="create"),
    path("<int:mailing_id>/", views.mailing, name="mailing"),
    path("<int:mailing_id>/approval/", views.approve, name="approve"),
    path("<int:mailing_id>/cancellation/", views.cancel, name="cancel"),
    path("<int:mailing_id>/posting/", views.post, name="post"),
    path("<int:mailing_id>/sample/", views.look, name="sample"),
    path("<int:mailing_id>/file/", views.file, name="file"),
    path("<int:mailing_id>/list/<str:kind>/", views.post_list, name="post_list"),
]
