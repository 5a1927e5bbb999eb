"""Projects that were there renew a term: what a contract names is taken over from it, in one statement."""

import django.db.models.deletion
from django.db import migrations, models

COLUMNS = (
    "client_id", "product_id", "agent_id", "branch_id", "centre_id", "bank_id", "insured_object_id", "sum_insured",
    "instalments", "sales_channel",
)  # fmt: skip


def take_over(apps, schema_editor):
    values = ", ".join(f"{name} = p.{name}" for name in COLUMNS)
    schema_editor.execute(
        f"UPDATE contracts_project SET {values} FROM contracts_policy p WHERE p.id = contracts_project.policy_id"
    )
    if schema_editor.connection.vendor == "postgresql":
        # A table whose keys are still to be checked cannot be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0003_general_projects'),
    ]

    operations = [
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='project',
            name='branch',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisation.branch'),
        ),
        migrations.AlterField(
            model_name='project',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='clients.client'),
        ),
        migrations.AlterField(
            model_name='project',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='products.product'),
        ),
    ]
