"""Addresses of calling lists."""

from django.urls import path

from clientela.workspace.dialler.views import lists, manage, work

app_name = "dialler"
_L, _E = "<int:calling_id>/", "entries/<int:entry_id>/"
urlpatterns = [
    path("", lists.home, name="lists"),
    path("new/", manage.settings, name="new"),
    path("clients/", lists.add, name="add"),
    path(_L, work.page, name="work"),
    path(f"{_L}queue/", work.queue, name="queue"),
    path(f"{_L}next/", work.take_next, name="next"),
    path(f"{_L}break/", work.stop, name="stop"),
    path(f"{_L}settings/", manage.settings, name="settings"),
    path(f"{_L}entries/", manage.entries, name="entries"),
    path(f"{_L}export/", manage.export, name="export"),
    path(f"{_L}assignment/", manage.assign, name="assign"),
    path(f"{_E}taking/", work.take, name="take"),
    path(f"{_E}keep/", work.keep, name="keep"),
    path(f"{_E}call/", work.call, name="call"),
    path(f"{_E}coming/", work.coming, name="coming"),
    path(f"{_E}outcome/", work.outcome, name="outcome"),
    path(f"{_E}skip/", work.skip, name="skip"),
    path(f"{_E}removal/", manage.take_off, name="take_off"),
    path("attempts/<int:attempt_id>/undo/", work.undo, name="undo"),
]
