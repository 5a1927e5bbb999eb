from django.apps import AppConfig


class RatingConfig(AppConfig):
    """Tariffs as decision tables, and premiums explained factor by factor."""

    name = "clientela.modules.rating"
