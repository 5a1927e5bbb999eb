"""Addresses of templates of documents."""

from django.urls import path

from clientela.workspace.documents import views

app_name = "papers"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.create, name="create"),
    path("preview/", views.preview, name="preview"),
    path("<int:paper_template_id>/", views.template, name="template"),
    path("<int:paper_template_id>/proposal/", views.move, {"step": "proposal"}, name="propose"),
    path("<int:paper_template_id>/return/", views.move, {"step": "return"}, name="return"),
    path("<int:paper_template_id>/shipped/", views.shipped, name="shipped"),
    path("<int:paper_template_id>/restoration/", views.move, {"step": "restoration"}, name="restore"),
    path("<int:paper_template_id>/approval/", views.move, {"step": "approval"}, name="approve"),
]
