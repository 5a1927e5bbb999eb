"""Settings of the test run: SQLite in memory by default, PostgreSQL when CLIENTELA_TEST_DATABASE=postgres."""

import os
import tempfile

# A folder for each process of the run: files are named by keys, and every process counts its keys from one.
os.environ["CLIENTELA_VAR"] = tempfile.mkdtemp(prefix="clientela-test-")
os.environ.setdefault("CLIENTELA_SECRET_KEY", "only-for-tests")

if os.environ.get("CLIENTELA_TEST_DATABASE") == "postgres" and "CLIENTELA_DATABASE_URL" not in os.environ:
    from tests.servers.postgres import start_postgres

    os.environ["CLIENTELA_DATABASE_URL"] = start_postgres()

from clientela.config.settings import *  # noqa: F403
from clientela.config.settings import DATABASES

if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    DATABASES["default"]["NAME"] = ":memory:"
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}

DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
WHITENOISE_AUTOREFRESH = True
