"""Templates of documents, and the documents made from them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, PolicyVersion, Project
from clientela.modules.organisation.queries import scope_of

LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]


class Kind(models.TextChoices):
    """What a document is."""

    POLICY = "policy", pgettext_lazy("document", "Policy")
    APPLICATION = "application", pgettext_lazy("document", "Application")
    INVOICE = "invoice", pgettext_lazy("document", "Invoice")
    OFFER = "offer", pgettext_lazy("document", "Offer")
    ENDORSEMENT = "endorsement", pgettext_lazy("document", "Endorsement")
    CANCELLATION = "cancellation", pgettext_lazy("document", "Agreement of cancellation")
    RECEIPT = "receipt", pgettext_lazy("document", "Receipt")


class Template(models.Model):
    """A version of a template: HTML with variables in double braces. In force once a second person approved it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", pgettext_lazy("template", "Waits for approval")
        ACTIVE = "active", _("In force")
        RETIRED = "retired", pgettext_lazy("template", "Retired")

    kind = models.CharField(max_length=12, choices=Kind)
    product_code = KeyField(max_length=20, blank=True, default="", help_text="empty: any product")
    language = models.CharField(max_length=2, choices=LANGUAGES)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    html = models.TextField()
    shipped = KeyField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="SHA-256 of the shipped text it began with",
    )
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["kind", "product_code", "language", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "product_code", "language", "number"], name="documents_template_version_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "product_code", "language"], condition=Q(state="active"),
                name="documents_template_one_active",
            ),
            models.UniqueConstraint(
                fields=["kind", "product_code", "language"], condition=Q(state__in=["draft", "proposed"]),
                name="documents_template_one_draft",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name}, {self.number}"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "DocumentQuerySet":
        """Documents of the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))


class Document(models.Model):
    """A PDF for a client: of a version of a policy, or of a project. ``token`` leads to its public check page."""

    class State(models.TextChoices):
        MAKING = "making", pgettext_lazy("document", "Being made")
        READY = "ready", pgettext_lazy("document", "Ready")
        FAILED = "failed", pgettext_lazy("document", "Could not be made")

    kind = models.CharField(max_length=12, choices=Kind)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="documents_made")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.PROTECT, related_name="documents")
    version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="documents")
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="documents")
    template = models.ForeignKey(Template, null=True, on_delete=models.PROTECT, related_name="+")
    is_duplicate = models.BooleanField(default=False)
    token = KeyField(max_length=32, unique=True)
    state = models.CharField(max_length=6, choices=State, default=State.MAKING)
    fault = models.CharField(max_length=255, blank=True)
    file = models.FileField(upload_to="documents/", max_length=120, blank=True)
    digest = KeyField(max_length=64, blank=True, help_text="SHA-256 of the file")
    size = models.PositiveIntegerField(default=0)
    premium = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, help_text="price of the project that stands on the paper"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "kind"], name="documents_one_of_version"),
            models.CheckConstraint(
                condition=Q(version__isnull=False, policy__isnull=False, project__isnull=True)
                | Q(version__isnull=True, policy__isnull=True, project__isnull=False),
                name="documents_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_kind_display()} {self.policy}"
            if self.policy
            else f"{self.get_kind_display()}: {self.project}"
        )

    @property
    def is_outdated(self) -> bool:
        """Whether the prepared contract got another price after this was made of it."""
        return self.project is not None and self.premium is not None and self.premium != self.project.premium
