"""A file that comes in: its mapping, its check, its run, its undo."""

from django.conf import settings
from django.db import models

from clientela.foundation.jobs.models import Job


class Mapping(models.Model):
    """A saved way to read files of one layout: source column → target field, formats, value tables."""

    target = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=60, unique=True)
    source = models.CharField(max_length=60, help_text="name of the system the file comes from")
    definition = models.JSONField()
    shipped = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One file going through the wizard, the command line or the API."""

    class State(models.TextChoices):
        MAPPING = "mapping"
        CHECKING = "checking"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"

    target = models.CharField(max_length=60)
    source = models.CharField(max_length=60)
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64)
    file_size = models.BigIntegerField()
    options = models.JSONField(default=dict, help_text="encoding, separator, sheet, header row, first data row")
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.MAPPING)
    rows = models.BigIntegerField(null=True)
    counts = models.JSONField(default=dict, help_text="outcome → rows")
    errors_file = models.FileField(upload_to="imports/", blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="imports_run_recent")]

    def __str__(self) -> str:
        return self.file_name


class RowError(models.Model):
    """Why one row of the file was not taken, or was taken with a warning."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="row_errors")
    row_number = models.BigIntegerField()
    column = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=60)
    message = models.CharField(max_length=400)
    value = models.CharField(max_length=200, blank=True)
    fatal = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["run", "row_number"], name="imports_row_error_run")]


class Change(models.Model):
    """What an import changed in a row that was there before, so that undo can put it back."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    table = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    before = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["run", "table"], name="imports_change_run")]
