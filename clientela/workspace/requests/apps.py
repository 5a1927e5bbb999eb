from django.apps import AppConfig


class RequestScreensConfig(AppConfig):
    """The screens of requests."""

    name = "clientela.workspace.requests"
    label = "request_screens"
