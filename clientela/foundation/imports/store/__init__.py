"""Set-based reading and writing of tables for imports, the same on PostgreSQL and SQLite.

``open_store()`` gives the store of the default database; ``Rehearsal`` wraps it for a dry run.
"""

from clientela.foundation.imports.store.base import Store, Table, find_sealed, open_store
from clientela.foundation.imports.store.rehearsal import Rehearsal

__all__ = ["Rehearsal", "Store", "Table", "find_sealed", "open_store"]
