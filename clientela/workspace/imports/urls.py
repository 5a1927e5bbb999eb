"""Addresses of the import wizard."""

from django.urls import path

from clientela.workspace.imports.views import checking, columns, listing, loading, mending, upload

app_name = "imports"
_R = "<int:run_id>/"
urlpatterns = [
    path("", listing.runs, name="list"),
    path("new/", upload.create, name="create"),
    path(_R, listing.open_run, name="open"),
    path(f"{_R}file/", upload.layout, name="layout"),
    path(f"{_R}columns/", columns.columns, name="columns"),
    path(f"{_R}columns/<int:index>/", columns.choose, name="choose"),
    path(f"{_R}answers/", columns.answer, name="answer"),
    path(f"{_R}mapping/", columns.take_mapping, name="take_mapping"),
    path(f"{_R}mapping/saved/", columns.keep_mapping, name="keep_mapping"),
    path(f"{_R}check/", checking.check, name="check"),
    path(f"{_R}load/", loading.load, name="load"),
    path(f"{_R}progress/", loading.progress, name="progress"),
    path(f"{_R}pause/", loading.pause, name="pause"),
    path(f"{_R}resumption/", loading.resume, name="resume"),
    path(f"{_R}undo/", loading.undo, name="undo"),
    path(f"{_R}result/", loading.result, name="result"),
    path(f"{_R}errors/", loading.errors, name="errors"),
    path(f"{_R}errors/<int:error_id>/", mending.fix, name="fix"),
    path(f"{_R}again/", mending.again, name="again"),
]
