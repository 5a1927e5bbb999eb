from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("clients", "0013_seal_numbers")]

    operations = [
        migrations.AddIndex(
            model_name='client',
            index=models.Index(condition=models.Q(('inn_index', ''), _negated=True), fields=['inn_index'], name='clients_inn_index'),
        ),
        migrations.AddIndex(
            model_name='identitydocument',
            index=models.Index(fields=['number_index'], name='clients_document_index'),
        ),
        migrations.AddConstraint(
            model_name='identitydocument',
            constraint=models.UniqueConstraint(fields=('client', 'kind', 'number_index'), name='clients_document_sealed_once'),
        ),
    ]
