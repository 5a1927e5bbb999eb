from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "clientela.portal"
    label = "portal"
