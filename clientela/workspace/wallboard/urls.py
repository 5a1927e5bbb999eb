"""The wallboard, supervision of the line, staffing of the next day."""

from django.urls import path

from clientela.workspace.wallboard.views import staffing, supervision, wall

app_name = "wallboard"
urlpatterns = [
    path("wallboard/", wall.board, name="board"),
    path("wallboard/screens/", wall.screens, name="screens"),
    path("wallboard/screens/<int:screen_id>/removal/", wall.revoke, name="revoke"),
    path("wall/<str:token>/", wall.screen, name="screen"),
    path("supervision/", supervision.page, name="supervision"),
    path("supervision/people/<int:user_id>/state/", supervision.person_state, name="person_state"),
    path("supervision/calls/<int:call_id>/person/", supervision.give_call, name="give_call"),
    path("supervision/calls/<int:call_id>/take-over/", supervision.take_over, name="take_over"),
    path("supervision/calls/<int:call_id>/listen/", supervision.listen, {"way": "listen"}, name="listen"),
    path("supervision/calls/<int:call_id>/whisper/", supervision.listen, {"way": "whisper"}, name="whisper"),
    path(
        "supervision/conversations/<int:conversation_id>/person/", supervision.give_conversation,
        name="give_conversation",
    ),
    path("staffing/", staffing.page, name="staffing"),
    path("staffing/export/", staffing.export, name="staffing_export"),
]  # fmt: skip
