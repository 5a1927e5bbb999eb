from django.db import migrations


def reported(apps, schema_editor):
    """What was called open is called reported now."""
    claims = apps.get_model("claims", "Claim").objects.using(schema_editor.connection.alias)
    claims.filter(status="open").update(status="reported")


def opened(apps, schema_editor):
    claims = apps.get_model("claims", "Claim").objects.using(schema_editor.connection.alias)
    claims.filter(status__in=["reported", "work", "waiting"]).update(status="open")


class Migration(migrations.Migration):
    dependencies = [("claims", "0002_notice_and_tracking")]

    operations = [migrations.RunPython(reported, opened)]
