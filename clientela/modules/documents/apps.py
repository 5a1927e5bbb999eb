from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Documents of a policy: templates, PDF, signature by code, delivery."""

    name = "clientela.modules.documents"
