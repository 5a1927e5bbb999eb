from typing import Any

from django.db import migrations

from clientela.modules.book.rules.text import as_plain, key_of


def index_anew(apps: Any, _editor: Any) -> None:
    """What search compares with holds the stems of English words now."""
    rows = apps.get_model("book", "Entry").objects
    for row in rows.only("pk", "title", "note", "remark", "file_name", "body").iterator(chunk_size=500):
        words = f"{row.title} {row.note} {row.remark} {row.file_name} {as_plain(row.body)}"
        rows.filter(pk=row.pk).update(title_key=key_of(row.title)[:400], key=key_of(words))


class Migration(migrations.Migration):
    dependencies = [("book", "0004_pages")]

    operations = [migrations.RunPython(index_anew, migrations.RunPython.noop)]
