"""Settings of the test run: SQLite by default, PostgreSQL when CLIENTELA_TEST_DATABASE=postgres."""

import os
import tempfile

# A folder for each process of the run: files are named by keys, and every process counts its keys from one.
_folder = tempfile.TemporaryDirectory(prefix="clientela-test-", ignore_cleanup_errors=True)
os.environ["CLIENTELA_VAR"] = _folder.name
os.environ.setdefault("CLIENTELA_SECRET_KEY", "only-for-tests")

if os.environ.get("CLIENTELA_TEST_DATABASE") == "postgres" and "CLIENTELA_DATABASE_URL" not in os.environ:
    from tests.servers.postgres import start_postgres

    os.environ["CLIENTELA_DATABASE_URL"] = start_postgres()

from clientela.config.settings import *  # noqa: E402, F403
from clientela.config.settings import DATABASES  # noqa: E402

if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    # A file, as in an installation: threads wait for each other's writes, which they do not in memory.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["CLIENTELA_VAR"], "test.sqlite3")}

DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
WHITENOISE_AUTOREFRESH = True
