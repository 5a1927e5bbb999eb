from django.apps import AppConfig


class RoutingPagesConfig(AppConfig):
    name = "clientela.workspace.routing"
    label = "routing_pages"
