from django.apps import AppConfig


class DocumentsPagesConfig(AppConfig):
    """Templates of documents: versions, preview on real records, approval."""

    name = "clientela.workspace.documents"
    label = "documents_pages"
