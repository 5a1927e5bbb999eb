from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "clientela.modules.quality"
    label = "quality"
