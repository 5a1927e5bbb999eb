"""Ready words, and the rules that every message passes."""

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.modules.clients.models import Client
from clientela.modules.contacts.models.channels import Channel, Purpose


class Consent(models.Model):
    """A consent as its own document: one purpose, one channel, given and perhaps withdrawn."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents", db_index=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    channel = models.CharField(max_length=10, help_text="a channel, or “call” for any call")
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    text_version = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=80, blank=True, help_text="where it was given")
    withdrawn_via = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "purpose", "channel"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="contacts_consent_in_force_once",
            )
        ]
        indexes = [models.Index(fields=["client", "purpose", "channel"], name="contacts_consent_client")]


class CommunicationPolicy(models.Model):
    """The rules every send passes: quiet hours, caps and the agent NDA. The newest row is in force."""

    weekday_from = models.TimeField()
    weekday_to = models.TimeField()
    weekend_from = models.TimeField()
    weekend_to = models.TimeField()
    caps = models.JSONField(
        default=dict,
        help_text='e.g. {"service": {"day": 3, "week": 10}, "advertising": {"day": 1, "week": 2}}',
    )
    nda_patterns = models.JSONField(
        default=list, help_text="regular expressions that must not appear in a text to an agent's client"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        get_latest_by = "id"


class Template(models.Model):
    """A text with variables for one channel and one language; a new version replaces the old one."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("template", "Draft")
        APPROVED = "approved", pgettext_lazy("template", "Approved")
        RETIRED = "retired", pgettext_lazy("template", "Retired")

    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel)
    language = models.CharField(max_length=5, default="ru")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.SERVICE)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    used = models.PositiveIntegerField(default=0, db_default=0, help_text="how often people took its words")
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["code", "channel", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "channel", "language", "version"], name="contacts_template_version_once"
            )
        ]


class Macro(models.Model):
    """A prepared answer and what is done after it, in one click. The words are those in force under ``code``."""

    class Act(models.TextChoices):
        TAKE = "take", pgettext_lazy("macro", "Take the conversation")
        QUEUE = "queue", pgettext_lazy("macro", "Give it back to the queue")
        DONE = "done", pgettext_lazy("macro", "Mark it done")

    name = models.CharField(max_length=80, unique=True)
    code = models.SlugField(max_length=60, blank=True, help_text="code of a template; empty: nothing is sent")
    note = models.TextField(blank=True, help_text="for colleagues")
    acts = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def act_names(self) -> list[str]:
        return [str(self.Act(act).label) for act in self.acts]
