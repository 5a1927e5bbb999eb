from django.db import migrations, models

KEYS = ('k_birth', 'k_street', 'k_place')


class Migration(migrations.Migration):

    dependencies = [
        ('resolution', '0004_joined_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='linkmodel',
            name='kind',
            field=models.CharField(choices=[('person', 'Person'), ('company', 'Company')], db_default='person', default='person', max_length=8),
        ),
        *(
            migrations.AddField(model_name='cardkeys', name=name, field=models.BigIntegerField(null=True))
            for name in KEYS
        ),
    ]
