from django.apps import AppConfig


class CalendarPagesConfig(AppConfig):
    """The calendar on the screen: views, the form, invitations, reminders."""

    name = "clientela.workspace.calendar"
    label = "calendar_pages"
