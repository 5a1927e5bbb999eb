"""Addresses that phones and Outlook read calendars at."""

from django.urls import path

from clientela.integrations.caldav import views

app_name = "caldav"
urlpatterns = [
    path(".well-known/caldav", views.well_known, name="well_known"),
    path("caldav/", views.root, name="root"),
    path("caldav/people/<int:user_id>/", views.home, name="home"),
    path("caldav/people/<int:user_id>/events/", views.collection, name="events"),
    path("caldav/people/<int:user_id>/events/<str:resource>.ics", views.resource, name="event"),
    path("calendar-feed/<str:feed_token>.ics", views.feed, name="feed"),
]
