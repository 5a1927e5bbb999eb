"""Addresses of mailboxes and signatures."""

from django.urls import path

from clientela.modules.mailboxes import views

app_name = "mailboxes"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.create, name="create"),
    path("<int:mailbox_id>/", views.mailbox, name="mailbox"),
    path("<int:mailbox_id>/trial/", views.attempt, name="try"),
    path("<int:mailbox_id>/removal/", views.remove, name="remove"),
    path("signature/", views.own_signature, name="signature"),
    path("signature/branches/<int:branch_id>/", views.branch_signature, name="branch_signature"),
]
