"""Addresses of the calendar's pages."""

from django.urls import path

from clientela.workspace.calendar.views import acts, pages, personal

app_name = "calendar"
urlpatterns = [
    path("", pages.home, name="home"),
    path("side/", pages.side, name="side"),
    path("events/", pages.events, name="events"),
    path("notices/", pages.notices, name="notices"),
    path("new/", acts.create, name="create"),
    path("people/", acts.people, name="people"),
    path("guest/", acts.guest, name="guest"),
    path("clients/", acts.clients, name="clients"),
    path("<int:event_id>/", acts.event, name="event"),
    path("<int:event_id>/change/", acts.change, name="change"),
    path("<int:event_id>/move/", acts.move, name="move"),
    path("<int:event_id>/removal/", acts.remove, name="remove"),
    path("<int:event_id>/restoration/", acts.restore, name="restore"),
    path("<int:event_id>/answer/", acts.answer, name="answer"),
    path("settings/", personal.home, name="settings"),
    path("settings/rules/", personal.add_rule, name="add_rule"),
    path("settings/rules/<int:rule_id>/switch/", personal.switch_rule, name="switch_rule"),
    path("settings/rules/<int:rule_id>/removal/", personal.remove_rule, name="remove_rule"),
    path("settings/feed/", personal.renew_feed, name="renew_feed"),
    path("settings/feed/removal/", personal.close_feed, name="close_feed"),
    path("settings/passwords/", personal.make_password, name="make_password"),
    path("settings/passwords/<int:password_id>/removal/", personal.revoke_password, name="revoke_password"),
]
