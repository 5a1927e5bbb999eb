from django.db import migrations, models

from clientela.foundation.online import AddIndexOnline


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('resolution', '0003_joining'),
    ]

    operations = [
        AddIndexOnline(
            model_name='pair',
            index=models.Index(condition=models.Q(('join_run__isnull', False)), fields=['join_run', 'id'], name='resolution_joined'),
        ),
    ]
