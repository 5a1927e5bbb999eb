from django.db import migrations, models

from clientela.foundation.online import AddIndexOnline, AddUniqueOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("clients", "0014_seal_numbers")]

    operations = [
        AddIndexOnline(
            model_name='client',
            index=models.Index(condition=models.Q(('inn_index', ''), _negated=True), fields=['inn_index'], name='clients_inn_index'),
        ),
        AddIndexOnline(
            model_name='identitydocument',
            index=models.Index(fields=['number_index'], name='clients_document_index'),
        ),
        AddUniqueOnline(
            model_name='identitydocument',
            constraint=models.UniqueConstraint(fields=('client', 'kind', 'number_index'), name='clients_document_sealed_once'),
        ),
    ]
