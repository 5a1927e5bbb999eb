"""Addresses of training."""

from django.urls import path

from clientela.workspace.training.views import editing, people, taking

app_name = "training"
_T, _Q, _A = "<int:product_test_id>/", "questions/<int:test_question_id>/", "attempts/<int:test_attempt_id>/"
urlpatterns = [
    path("", taking.home, name="list"),
    path("people/", people.people, name="people"),
    path("people/export.csv", people.export, name="export"),
    path("new/", editing.new, name="new"),
    path(_T, taking.test, name="test"),
    path(f"{_T}attempt/", taking.begin, name="begin"),
    path(f"{_T}edit/", editing.edit, name="edit"),
    path(f"{_T}questions/", editing.add_question, name="add_question"),
    path(_Q, editing.question, name="question"),
    path(f"{_Q}removal/", editing.remove_question, name="remove_question"),
    path(f"{_Q}move/", editing.move_question, name="move_question"),
    path(_A, taking.attempt, name="attempt"),
    path(f"{_A}answers/", taking.answer, name="answer"),
]
