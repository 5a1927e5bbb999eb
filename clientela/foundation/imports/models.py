"""A file that comes in: its mapping, its check, its run, its undo."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clientela.foundation.jobs.models import Job
from clientela.foundation.sealed_fields import SealedField, SealedJSONField


class Mapping(models.Model):
    """A saved way to read files of one layout: source column → target field, formats, value tables."""

    target = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=60, unique=True)
    source = models.CharField(max_length=60, help_text="name of the system the file comes from")
    definition = models.JSONField()
    shipped = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One file going through the wizard, the command line or the API."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Being loaded")
        DONE = "done", _("Loaded")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    target = models.CharField(max_length=60)
    source = models.CharField(max_length=60)
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    file_size = models.BigIntegerField()
    options = models.JSONField(
        default=dict, help_text="encoding, separator, sheet, header row, first data row"
    )
    mapping = SealedJSONField(default=dict)
    answers = models.JSONField(
        default=dict, help_text="to the questions of the target: whose rows, what to do with known ones"
    )
    state = models.CharField(max_length=10, choices=State, default=State.MAPPING)
    rows = models.BigIntegerField(null=True)
    counts = models.JSONField(default=dict, help_text="outcome → rows")
    check_result = SealedJSONField(default=dict, help_text="what the rehearsal found")
    undo_result = models.JSONField(default=dict, help_text="what was put back and what had to stay")
    errors_file = models.FileField(upload_to="imports/", blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    mends = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="mended_by",
        help_text="the run whose refused rows this one brings in again",
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="imports_run_recent")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        """Where the prepared rows and the refused rows of this file are kept."""
        return Path(settings.MEDIA_ROOT) / "imports" / str(self.pk)

    @property
    def prepared(self) -> Path:
        """The file's rows as text columns, in Parquet."""
        return self.folder / "rows.parquet"


class RowError(models.Model):
    """Why one row of the file was not taken, or was taken with a warning."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="row_errors")
    row_number = models.BigIntegerField()
    column = models.CharField(max_length=120, blank=True)
    field = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=60)
    message = models.CharField(max_length=400, blank=True)
    value = SealedField(blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, help_text="whom the row is about")
    fatal = models.BooleanField(default=True)
    fixed = SealedField(blank=True, default="", help_text="the value a person typed instead")

    class Meta:
        indexes = [models.Index(fields=["run", "row_number"], name="imports_row_error_run")]


class Change(models.Model):
    """What an import changed in rows that were there before, so that undo can put it back."""

    class Kind(models.TextChoices):
        CHANGED = "changed"
        UNDONE = "undone"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CHANGED)
    table = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    before = SealedJSONField(default=dict)
    after = SealedJSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["run", "table"], name="imports_change_run")]
