from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "clientela.workspace"
    label = "workspace"
