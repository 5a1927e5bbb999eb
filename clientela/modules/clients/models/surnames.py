"""The vocabulary of surnames: each folded one once, with what is left of it without one letter."""

from django.db import models

from clientela.foundation.fields import KeyField


class Surname(models.Model):
    """A first word of folded names that stands in the base; whose it is, only the cards say."""

    word = KeyField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.word


class SurnameKey(models.Model):
    """The surname itself, and the surname without one of its letters: a slip shares one of these with it."""

    key = KeyField(max_length=80)
    surname = models.ForeignKey(Surname, on_delete=models.CASCADE, related_name="keys")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "surname"], name="clients_surname_key_once")]
