"""The widget's script, what it asks before it connects, its demo, and the administrator's pages."""

from django.urls import path

from clientela.integrations.webchat import views

app_name = "webchat"
urlpatterns = [
    path("chat/widget.js", views.script, name="script"),
    path("chat/config/<slug:key>/", views.config, name="config"),
    path("chat/files/<str:signed>/", views.handed_out, name="file"),
    path("chat/send/<slug:key>/", views.send_file, name="send_file"),
    path("chat/demo/", views.demo, name="demo"),
    path("widgets/", views.widgets, name="list"),
    path("widgets/new/", views.create, name="create"),
    path("widgets/preview/", views.preview, name="preview"),
    path("widgets/<int:widget_id>/", views.change, name="change"),
]
