"""Addresses of templates, the communication policy and the reasons of messages."""

from django.urls import path

from clientela.modules.contacts.views import macros, messages, policy, templates

app_name = "contacts"
urlpatterns = [
    path("templates/", templates.listing, name="templates"),
    path("templates/new/", templates.create, name="create_template"),
    path("templates/preview/", templates.show_preview, name="preview_template"),
    path("templates/<int:template_id>/", templates.edit, name="template"),
    path("templates/<int:template_id>/approval/", templates.approve, name="approve_template"),
    path("templates/<int:template_id>/retirement/", templates.retire, name="retire_template"),
    path("templates/<int:template_id>/versions/", templates.revise, name="revise_template"),
    path("macros/", macros.listing, name="macros"),
    path("macros/new/", macros.macro, name="create_macro"),
    path("macros/<int:macro_id>/", macros.macro, name="macro"),
    path("policy/", policy.policy, name="policy"),
    path("messages/<int:message_id>/verdict/", messages.verdict, name="message_verdict"),
    path("messages/<int:message_id>/as-it-came/", messages.as_it_came, name="as_it_came"),
    path("files/<int:message_file_id>/", messages.download, name="file"),
]
