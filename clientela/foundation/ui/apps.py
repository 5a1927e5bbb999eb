from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "clientela.foundation.ui"
    label = "ui"
