"""Addresses of the client's phone."""

from django.urls import path

from clientela.workspace.phone import calls, views

app_name = "phone"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:client_id>/", views.phone, name="phone"),
    path("<int:client_id>/company/", views.company, name="company"),
    path("<int:client_id>/screen/", views.screen, name="screen"),
    path("<int:client_id>/messages/<int:message_id>/reading/", views.read, name="read"),
    path("<int:client_id>/messages/<int:message_id>/click/", views.click, name="click"),
    path("<int:client_id>/messages/<int:message_id>/unsubscribing/", views.unsubscribe, name="unsubscribe"),
    path("<int:client_id>/answers/", views.answer, name="answer"),
    path("<int:client_id>/payment/", views.pay, name="pay"),
    path("<int:client_id>/calling/", calls.calling, name="calling"),
    path("<int:client_id>/calls/", calls.call, name="call"),
    path("<int:client_id>/touch/", calls.touch, name="touch"),
    path("<int:client_id>/next-step/", views.next_step, name="next_step"),
]
