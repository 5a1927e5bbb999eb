from django.db import migrations

from clientela.foundation.online import RemoveIndexOnline


class Migration(migrations.Migration):
    # A new type would make these anew under a lock.
    atomic = False

    dependencies = [("clients", "0011_golden_record")]

    operations = [
        RemoveIndexOnline(model_name="client", name="clients_inn"),
        RemoveIndexOnline(model_name="identitydocument", name="clients_document_number"),
    ]
