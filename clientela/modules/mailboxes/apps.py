from django.apps import AppConfig


class MailboxesConfig(AppConfig):
    name = "clientela.modules.mailboxes"
    label = "mailboxes"
