from django.apps import AppConfig


class ProductPagesConfig(AppConfig):
    """Products with their tariffs, and a table from its draft to its day."""

    name = "clientela.workspace.products"
    label = "product_pages"
