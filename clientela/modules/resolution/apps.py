from django.apps import AppConfig


class ResolutionConfig(AppConfig):
    """Pairs of cards that may be one person, how likely and why, and what people decided."""

    name = "clientela.modules.resolution"
