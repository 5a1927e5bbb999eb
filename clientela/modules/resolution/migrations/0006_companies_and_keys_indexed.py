from django.db import migrations, models

from clientela.foundation.online import AddIndexOnline, AddUniqueOnline, RemoveUniqueOnline

KEYS = ('k_birth', 'k_street', 'k_place')


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('resolution', '0005_companies_and_keys'),
    ]

    operations = [
        RemoveUniqueOnline(model_name='linkmodel', name='resolution_one_active_model'),
        AddUniqueOnline(
            model_name='linkmodel',
            constraint=models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('kind',), name='resolution_one_active_a_kind'),
        ),
        *(
            AddIndexOnline(
                model_name='cardkeys',
                index=models.Index(condition=models.Q((f'{name}__isnull', False)), fields=[name], name=f'resolution_{name}'),
            )
            for name in KEYS
        ),
    ]
