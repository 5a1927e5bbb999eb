"""Addresses of the day."""

from django.urls import path

from clientela.workspace.today.views import figures, home, messages

app_name = "today"
urlpatterns = [
    path("", home.home, name="home"),
    path("today/side/", figures.side, name="side"),
    path("today/plan/", figures.plan, name="plan"),
    path("today/touches/", figures.touches, name="touches"),
    path("today/failures/", figures.failed, name="failures"),
    path("today/replies/<int:message_id>/", messages.reply, name="reply"),
    path("today/clients/<int:client_id>/message/", messages.write, name="write"),
]
