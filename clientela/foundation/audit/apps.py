from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "clientela.foundation.audit"
    label = "audit"
