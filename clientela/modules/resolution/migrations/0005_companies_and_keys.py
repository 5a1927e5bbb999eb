from django.db import migrations, models

from clientela.foundation.online import AddIndexOnline

KEYS = ('k_birth', 'k_street', 'k_place')


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('resolution', '0004_joined_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='linkmodel',
            name='kind',
            field=models.CharField(choices=[('person', 'Person'), ('company', 'Company')], db_default='person', default='person', max_length=8),
        ),
        migrations.RemoveConstraint(model_name='linkmodel', name='resolution_one_active_model'),
        migrations.AddConstraint(
            model_name='linkmodel',
            constraint=models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('kind',), name='resolution_one_active_a_kind'),
        ),
        *(
            migrations.AddField(model_name='cardkeys', name=name, field=models.BigIntegerField(null=True))
            for name in KEYS
        ),
        *(
            AddIndexOnline(
                model_name='cardkeys',
                index=models.Index(condition=models.Q((f'{name}__isnull', False)), fields=[name], name=f'resolution_{name}'),
            )
            for name in KEYS
        ),
    ]
