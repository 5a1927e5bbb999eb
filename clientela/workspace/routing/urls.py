"""Who takes which work, the queues, and one's own state."""

from django.urls import path

from clientela.workspace.routing import views

app_name = "routing"
urlpatterns = [
    path("", views.people, name="people"),
    path("people/<int:user_id>/", views.person, name="person"),
    path("queues/", views.queues, name="queues"),
    path("queues/<str:key>/", views.queue, name="queue"),
    path("state/", views.state, name="state"),
]
