from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "clientela.foundation.jobs"
    label = "jobs"
