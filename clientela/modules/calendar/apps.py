from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "clientela.modules.calendar"
    label = "calendar"
