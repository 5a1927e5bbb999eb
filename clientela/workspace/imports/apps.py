from django.apps import AppConfig


class ImportPagesConfig(AppConfig):
    name = "clientela.workspace.imports"
    label = "import_pages"
