"""Chats on web sites, and who wrote there."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.organisation.models import Branch


class Widget(models.Model):
    """One chat that sites embed. ``origins`` are the sites that may, such as ``https://prichal.example``."""

    class Colour(models.TextChoices):
        LAKE = "lake", _("Lake")
        INK = "ink", _("Ink")
        SUN = "sun", pgettext_lazy("colour", "Sun")
        MOSS = "moss", _("Moss")

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, help_text="as visitors see it")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    origins = models.JSONField(default=list)
    colour = models.CharField(max_length=8, choices=Colour, default=Colour.LAKE)
    greeting = models.CharField(max_length=300)
    offline_text = models.CharField(max_length=300, blank=True, help_text="outside working hours")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Visitor(models.Model):
    """Somebody who wrote in a widget: ``key`` is the address of their messages. The phone is their own word."""

    key = KeyField(max_length=40, unique=True)
    widget = models.ForeignKey(Widget, on_delete=models.CASCADE, related_name="visitors")
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=40, blank=True)
    consent_at = models.DateTimeField()
    consent_text = models.CharField(max_length=40, help_text="version of the words agreed to")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
