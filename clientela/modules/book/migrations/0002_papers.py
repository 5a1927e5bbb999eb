import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def finish(apps, schema_editor):
    """What was kept before attempts had a beginning and an end was over at once."""
    apps.get_model("book", "Attempt").objects.update(ends_at=F("started_at"), finished_at=F("started_at"))


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("book", "0001_tests"),
    ]

    operations = [
        migrations.AlterModelOptions(name="attempt", options={"ordering": ["-started_at", "-id"]}),
        migrations.RemoveIndex(model_name="attempt", name="book_attempt_of_user"),
        migrations.RenameField(model_name="attempt", old_name="made_at", new_name="started_at"),
        migrations.RenameField(model_name="attempt", old_name="answers", new_name="paper"),
        migrations.AlterField(model_name="attempt", name="paper", field=models.JSONField(default=list)),
        migrations.AddField(
            model_name="attempt",
            name="ends_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="answers that come later are not counted"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="attempt",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="pass_mark",
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="attempt", name="right", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AlterField(
            model_name="attempt", name="is_passed", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="question",
            name="topic",
            field=models.CharField(blank=True, help_text="what mistakes are about", max_length=40),
        ),
        migrations.AddField(
            model_name="test", name="asked_again_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="test", name="asked_again_from", field=models.DateField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="test", name="version", field=models.PositiveIntegerField(default=1)
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("until", models.DateField()),
                ("sent_at", models.DateTimeField()),
                (
                    "test",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="book.test"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("test", "user", "until"), name="book_reminder_once")
                ]
            },
        ),
        migrations.RunPython(finish, migrations.RunPython.noop),
    ]
