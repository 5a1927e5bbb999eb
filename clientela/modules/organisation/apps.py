from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "clientela.modules.organisation"
    label = "organisation"
