from datetime import timedelta
from typing import Any

from django.db import migrations, models


def an_hour_each(apps: Any, _editor: Any) -> None:
    back = apps.get_model("calls", "CallBack")
    back.objects.update(call_by=models.F("asked_at") + timedelta(hours=1))


class Migration(migrations.Migration):
    dependencies = [("calls", "0002_routed")]

    operations = [
        migrations.AddField("callback", "call_by", models.DateTimeField(null=True)),
        migrations.AddField(
            "callback",
            "result",
            models.CharField(
                blank=True,
                choices=[
                    ("talked", "We talked"),
                    ("otherwise", "Settled in another way"),
                    ("not_reached", "Could not be reached"),
                    ("no_need", "No need to call"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField("callback", "note", models.CharField(blank=True, max_length=500)),
        migrations.RunPython(an_hour_each, migrations.RunPython.noop),
        migrations.AlterField(
            "callback",
            "call_by",
            models.DateTimeField(
                help_text="until when they should be called: working time after they tried"
            ),
        ),
    ]
