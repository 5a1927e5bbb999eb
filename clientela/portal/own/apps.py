from django.apps import AppConfig


class OwnConfig(AppConfig):
    name = "clientela.portal.own"
    label = "own"
