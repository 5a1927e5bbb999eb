from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "clientela.foundation.webhooks"
    label = "webhooks"
