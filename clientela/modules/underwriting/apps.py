from django.apps import AppConfig


class UnderwritingConfig(AppConfig):
    """Referred calculations, who may decide them, and inspections."""

    name = "clientela.modules.underwriting"
