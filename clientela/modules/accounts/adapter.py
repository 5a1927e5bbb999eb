"""How sign-in behaves: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """People are created by an administrator or an import."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
