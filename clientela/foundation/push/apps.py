from django.apps import AppConfig


class PushConfig(AppConfig):
    name = "clientela.foundation.push"
    label = "push"
