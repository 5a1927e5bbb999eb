from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "clientela.foundation.api"
    label = "api"
