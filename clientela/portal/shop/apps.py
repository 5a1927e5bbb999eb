from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "clientela.portal.shop"
    label = "shop"
