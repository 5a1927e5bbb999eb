
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('underwriting', '0003_change_referrals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='inspection',
            name='change',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='inspections', to='underwriting.changereferral'),
        ),
        migrations.AlterField(
            model_name='inspection',
            name='referral',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='inspections', to='underwriting.referral'),
        ),
        migrations.AddConstraint(
            model_name='inspection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('change__isnull', False), ('referral', None)), models.Q(('change', None), ('referral__isnull', False)), _connector='OR'), name='underwriting_inspection_of_one'),
        ),
    ]
