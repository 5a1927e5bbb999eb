from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "clientela.foundation.imports"
    label = "imports"
