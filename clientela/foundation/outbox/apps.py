from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "clientela.foundation.outbox"
    label = "outbox"
