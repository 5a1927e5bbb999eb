from django.apps import AppConfig


class WebchatConfig(AppConfig):
    name = "clientela.integrations.webchat"
    label = "webchat"
