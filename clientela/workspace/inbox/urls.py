"""Addresses of the inbox."""

from django.urls import path

from clientela.workspace.inbox.views import acts, pages

app_name = "inbox"
urlpatterns = [
    path("", pages.home, name="home"),
    path("list/", pages.listing, name="list"),
    path("clients/<int:client_id>/", pages.of_client, name="of_client"),
    path("<int:conversation_id>/", pages.conversation, name="conversation"),
    path("<int:conversation_id>/thread/", pages.thread, name="thread"),
    path("<int:conversation_id>/reply/", acts.reply, name="reply"),
    path("<int:conversation_id>/files/", acts.add_files, name="files"),
    path("<int:conversation_id>/files/<int:draft_file_id>/removal/", acts.drop_answer_file, name="drop_file"),
    path("<int:conversation_id>/macros/<int:macro_id>/", acts.macro, name="macro"),
    path("<int:conversation_id>/done/", acts.done, name="done"),
    path("<int:conversation_id>/opening/", acts.opening, name="open"),
    path("<int:conversation_id>/taking/", acts.take, name="take"),
    path("<int:conversation_id>/assignee/", acts.give, name="give"),
    path("<int:conversation_id>/complaint/", acts.complaint, name="complaint"),
    path("<int:conversation_id>/complaint/<int:complaint_id>/undo/", acts.no_complaint, name="no_complaint"),
    path("<int:conversation_id>/claim/", acts.claim, name="claim"),
    path("<int:conversation_id>/sender/", acts.sender, name="sender"),
]
