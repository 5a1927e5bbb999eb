from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "clientela.modules.products"
    label = "products"
