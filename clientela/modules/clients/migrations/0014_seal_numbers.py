from django.db import connection, migrations

from clientela.foundation.rotation import seal_table
from clientela.modules.clients.operations.golden import key_of


def seal(apps, schema_editor):
    for name in ("IdentityDocument", "Client", "Merge", "FieldValue"):
        seal_table(apps.get_model("clients", name))
    # The bare digest of a personal number could be guessed back: the key is a keyed one now.
    values = apps.get_model("clients", "FieldValue")
    rows = []
    for pk, value, key in values.objects.order_by("pk").values_list("pk", "value", "value_key").iterator(chunk_size=2000):
        if key != key_of(value):
            rows.append((key_of(value), pk))
        if len(rows) == 2000:
            _keep(rows)
            rows = []
    _keep(rows)


def _keep(rows):
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE clients_fieldvalue SET value_key = %s WHERE id = %s", rows)


class Migration(migrations.Migration):
    # Batch by batch, each kept: cut, it goes on where it was.
    atomic = False

    dependencies = [("clients", "0013_sealed_numbers")]

    operations = [migrations.RunPython(seal)]
