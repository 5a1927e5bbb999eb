from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("book", "0002_papers"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["user", "test", "-started_at"], name="book_attempt_of_user"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(condition=Q(finished_at=None), fields=["ends_at"], name="book_attempt_open"),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(
                condition=Q(finished_at=None), fields=("test", "user"), name="book_attempt_one_open"
            ),
        ),
    ]
