"""Addresses of the voice robot."""

from django.urls import path

from clientela.workspace.robot.views import editor, listing, nodes, transcript, trial, versions

app_name = "robot"
_V = "<int:dialogue_id>/versions/<int:number>/"
_N = f"{_V}nodes/<slug:key>/"
urlpatterns = [
    path("", listing.dialogues, name="list"),
    path("pause/", listing.pause_robot, name="pause"),
    path("resume/", listing.resume_robot, name="resume"),
    path("transcripts/<int:attempt_id>/", transcript.transcript, name="transcript"),
    path("<int:dialogue_id>/", editor.editor, name="editor"),
    path(f"{_V}draft/", versions.draft, name="draft"),
    path(f"{_V}changes/", versions.changes, name="changes"),
    path(f"{_V}launch/", versions.launch, name="launch"),
    path(f"{_V}retirement/", versions.retire_version, name="retire"),
    path(f"{_V}check/", trial.check, name="check"),
    path(f"{_V}trial/", trial.talk, name="trial"),
    path(f"{_V}nodes/", nodes.add, name="add_node"),
    path(f"{_V}restored/<str:token>/", nodes.restore, name="restore"),
    path(_N, nodes.save, name="save_node"),
    path(f"{_N}removal/", nodes.delete, name="delete_node"),
]
