from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "clientela.foundation.lists"
    label = "lists"
