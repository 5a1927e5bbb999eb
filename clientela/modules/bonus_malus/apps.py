from django.apps import AppConfig


class BonusMalusConfig(AppConfig):
    """Bonus-malus classes of drivers, asked, kept by date, and disputed."""

    name = "clientela.modules.bonus_malus"
