from django.apps import AppConfig


class SchedulePagesConfig(AppConfig):
    """The list of schedules and the editor of their steps."""

    name = "clientela.workspace.schedules"
    label = "schedule_pages"
