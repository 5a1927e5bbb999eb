"""Addresses of the board of renewals."""

from django.urls import path

from clientela.workspace.renewals.views import actions, board, bulk, export, term

app_name = "renewals"
urlpatterns = [
    path("", board.board, name="board"),
    path("days/", board.days, name="days"),
    path("conditions/", board.conditions, name="conditions"),
    path("columns/", board.columns, name="columns"),
    path("views/", board.save, name="save_view"),
    path("views/<int:view_id>/removal/", board.forget, name="forget_view"),
    path("export/<slug:kind>/", export.export, name="export"),
    path("bulk/<slug:act>/", bulk.bulk, name="bulk"),
    path("client/<int:client_id>/track/", term.client_track, name="client_track"),
    path("<int:renewal_id>/", term.term, name="term"),
    path("<int:renewal_id>/release/", actions.release, name="release"),
    path("<int:renewal_id>/reopening/", actions.take_back, name="reopen"),
    path("<int:renewal_id>/calls/<int:touch_id>/", actions.call, name="call"),
    path("<int:renewal_id>/<slug:code>/", actions.act, name="act"),
]
