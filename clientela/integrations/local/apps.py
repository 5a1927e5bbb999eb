from django.apps import AppConfig


class LocalConfig(AppConfig):
    name = "clientela.integrations.local"
    label = "local"
