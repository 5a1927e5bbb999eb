from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clientela.modules.clients"
    label = "clients"
