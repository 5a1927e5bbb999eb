from django.apps import AppConfig


class WebhookPagesConfig(AppConfig):
    name = "clientela.workspace.webhooks"
    label = "webhook_pages"
