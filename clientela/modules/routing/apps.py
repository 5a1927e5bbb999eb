from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "clientela.modules.routing"
    label = "routing"
