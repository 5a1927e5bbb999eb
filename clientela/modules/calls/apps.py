from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "clientela.modules.calls"
    label = "calls"
