from django.apps import AppConfig


class PhoneConfig(AppConfig):
    """The client's phone of the demo: the whole loop in five minutes."""

    name = "clientela.workspace.phone"
    label = "phone"
