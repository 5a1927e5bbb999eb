from django.apps import AppConfig


class ClientPagesConfig(AppConfig):
    """The list of clients and the card that joins everything known about one."""

    name = "clientela.workspace.clients"
    label = "client_pages"
