from django.apps import AppConfig


class RentConfig(AppConfig):
    name = "clientela.modules.rent"
    label = "rent"
