from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "clientela.modules.contacts"
    label = "contacts"
