from django.apps import AppConfig


class TodayPagesConfig(AppConfig):
    """What to do today, in which order and why; the state of the day beside it."""

    name = "clientela.workspace.today"
    label = "today_pages"
