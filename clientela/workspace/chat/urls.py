"""Addresses of the chat."""

from django.urls import path

from clientela.workspace.chat.views import pages, people, saying

app_name = "chat"
urlpatterns = [
    path("", pages.home, name="home"),
    path("list/", pages.listing, name="list"),
    path("found/", pages.found, name="found"),
    path("new/", people.new, name="new"),
    path("with/<int:user_id>/", pages.with_person, name="with"),
    path("on/<str:record_kind>/<int:record_id>/", pages.on_record, name="on"),
    path("<int:room_id>/", pages.room, name="room"),
    path("<int:room_id>/thread/", pages.thread, name="thread"),
    path("<int:room_id>/calling/", pages.calling, name="calling"),
    path("<int:room_id>/composer/", saying.composer, name="composer"),
    path("<int:room_id>/messages/", saying.say, name="say"),
    path("<int:room_id>/draft/", saying.draft, name="draft"),
    path("<int:room_id>/people/", people.members, name="people"),
    path("<int:room_id>/people/<int:user_id>/removal/", people.remove, name="remove"),
    path("<int:room_id>/leaving/", people.leave, name="leave"),
    path("<int:room_id>/muting/", people.mute, name="mute"),
    path("said/<int:said_id>/removal/", saying.delete, name="delete"),
    path("said/<int:said_id>/restoration/", saying.restore, name="restore"),
    path("said/<int:said_id>/reacting/", saying.reacting, name="reacting"),
    path("said/<int:said_id>/reaction/", saying.react, name="react"),
    path("files/<int:chat_file_id>/", saying.download, name="file"),
]
