"""Settings of every installation. What differs between installations comes from CLIENTELA_* variables."""

import os
import secrets
from datetime import time, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("CLIENTELA_VAR", ROOT / "var"))


def env(name: str, default: str = "") -> str:
    return os.environ.get(f"CLIENTELA_{name}", default)


def env_flag(name: str, default: bool = False) -> bool:
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _own_secret() -> str:
    """A key made once and kept beside the database, so that a newcomer needs no setting."""
    path = VAR / "secret_key"
    if path.exists():
        return path.read_text().strip()
    VAR.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(50)
    path.write_text(key)
    path.chmod(0o600)
    return key


def _database(url: str) -> dict[str, object]:
    """Django's settings for sqlite:///path or postgres://user:password@host:port/name."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or ":memory:",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-32000;"
                    "PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "") or parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Short statements by the thousand: compiling one takes a second where running it takes a tenth.
            "options": "-c jit=off",
            # The server keeps the plans of what is asked often; planning a page's statements took longer than they.
            "server_side_binding": True,
            "prepare_threshold": 5,
        },
    }


DEBUG = env_flag("DEBUG")
DEMO = env_flag("DEMO")
DEMO_PASSWORD = env("DEMO_PASSWORD", "prichal-demo-2026")
SECRET_KEY = env("SECRET_KEY") or _own_secret()
# The keys of personal data, the one that encrypts first (foundation/keyring.py); none: a key made of the secret key.
DATA_KEYS = env("DATA_KEYS")
ALLOWED_HOSTS = env("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in env("TRUSTED_ORIGINS").split(",") if origin]

FOUNDATION = [
    "clientela.foundation.ui",
    "clientela.foundation.audit",
    "clientela.foundation.outbox",
    "clientela.foundation.jobs",
    "clientela.foundation.lists",
    "clientela.foundation.imports",
    "clientela.foundation.api",
    "clientela.foundation.webhooks",
    "clientela.foundation.push",
]
MODULES = [
    "clientela.modules.accounts",
    "clientela.modules.organisation",
    "clientela.modules.chat",
    "clientela.modules.clients",
    "clientela.modules.resolution",
    "clientela.modules.routing",
    "clientela.modules.mailboxes",
    "clientela.modules.contacts",
    "clientela.modules.calls",
    "clientela.modules.calendar",
    "clientela.modules.dialler",
    "clientela.modules.robot",
    "clientela.modules.products",
    "clientela.modules.requests",
    "clientela.modules.rating",
    "clientela.modules.bonus_malus",
    "clientela.modules.book",
    "clientela.modules.contracts",
    "clientela.modules.group",
    "clientela.modules.billing",
    "clientela.modules.commission",
    "clientela.modules.documents",
    "clientela.modules.quotes",
    "clientela.modules.underwriting",
    "clientela.modules.sales",
    "clientela.modules.claims",
    "clientela.modules.renewals",
    "clientela.modules.rent",
    "clientela.modules.quality",
    "clientela.modules.letters",
    "clientela.modules.privacy",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton",
    "ninja",
    *FOUNDATION,
    *MODULES,
    "allauth",  # after our own apps: their templates come first
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "clientela.portal",
    "clientela.portal.shop",
    "clientela.portal.own",
    "clientela.integrations.local",
    "clientela.integrations.webchat",
    "clientela.workspace",
    "clientela.workspace.admin",
    "clientela.workspace.clients",
    "clientela.workspace.bonus_malus",
    "clientela.workspace.deals",
    "clientela.workspace.renewals",
    "clientela.workspace.schedules",
    "clientela.workspace.dialler",
    "clientela.workspace.quotes",
    "clientela.workspace.underwriting",
    "clientela.workspace.claims",
    "clientela.workspace.duplicates",
    "clientela.workspace.robot",
    "clientela.workspace.products",
    "clientela.workspace.training",
    "clientela.workspace.book",
    "clientela.workspace.today",
    "clientela.workspace.inbox",
    "clientela.workspace.feedback",
    "clientela.workspace.letters",
    "clientela.workspace.privacy",
    "clientela.workspace.policies",
    "clientela.workspace.documents",
    "clientela.workspace.calls",
    "clientela.workspace.calendar",
    "clientela.workspace.chat",
    "clientela.workspace.alerts",
    "clientela.workspace.agents",
    "clientela.workspace.group",
    "clientela.workspace.search",
    "clientela.workspace.phone",
    "clientela.workspace.imports",
    "clientela.workspace.webhooks",
    "clientela.workspace.payments",
    "clientela.workspace.commission",
    "clientela.workspace.routing",
    "clientela.workspace.requests",
    "clientela.workspace.wallboard",
    "clientela.config",
    "clientela.demo",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "clientela.foundation.ui.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "clientela.foundation.api.middleware.GuardMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "clientela.modules.accounts.middleware.PersonalSettingsMiddleware",
]
ROOT_URLCONF = "clientela.config.urls"
WSGI_APPLICATION = "clientela.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clientela.workspace.navigation.frame",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "clientela.foundation.ui.templatetags.ui",
            ],
        },
    }
]

DATABASES = {"default": _database(env("DATABASE_URL", f"sqlite:///{VAR / 'clientela.sqlite3'}"))}
SILENCED_SYSTEM_CHECKS = ["models.W040"]  # SQLite has no covering indexes and needs none
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "clientela_cache"},
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "clientela.modules.accounts.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/key,30/5m/ip"}
MFA_ADAPTER = "clientela.modules.accounts.adapter.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by an administrator
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a phone half a minute off still gets in
MFA_TOTP_ISSUER = "Clientela"
USERSESSIONS_TRACK_ACTIVITY = False  # a write on every request; our middleware notes it every five minutes
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
BEHIND_PROXY = env_flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env_flag("HTTPS")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
# Plain packages, no apps of their own.
LOCALE_PATHS = [ROOT / "clientela/foundation/identifiers/locale", ROOT / "clientela/integrations/atol/locale"]
TIME_ZONE = env("TIME_ZONE", "Europe/Moscow")
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = VAR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "clientela.foundation.ui.storage.StaticStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Where this installation is reached: tracked links, unsubscribe links and pay links start with it.
PUBLIC_URL = env("PUBLIC_URL", "http://127.0.0.1:8000")
LIVE_URL = env("LIVE_URL", "http://127.0.0.1:8001/live/")
COMPANY_NAME = env("COMPANY_NAME", "Причал Страхование")
# Where people nobody knows yet are served: the code of a branch; the first one when empty.
HOME_BRANCH = env("HOME_BRANCH", "")
# A client's message is answered within this working time, on the clock of the client's branch.
ANSWER_WITHIN = timedelta(minutes=int(env("ANSWER_WITHIN_MINUTES", "60")))
# Working time until a client who was not content is called back.
CALL_BACK_WITHIN = timedelta(hours=int(env("CALL_BACK_WITHIN_HOURS", "9")))
# Days from the notice of a claim to the money, by line, where they are not the usual ones: "kasko=25,property=15".
CLAIM_DAYS = {
    line.strip(): int(days)
    for line, days in (one.split("=") for one in env("CLAIM_DAYS").split(",") if "=" in one)
}
WORKING_HOURS = (time(9), time(18))
# What a piece of work takes of a person's capacity, which is 100 unless a head sets another; a request takes a place at a desk.
WORK_WEIGHTS = {"call": 100, "chat": 25, "letter": 10, "request": 1}
# What work may ask for. A person who is set nothing else has the second list.
WORK_SKILLS = {
    "language": ["ru", "en", "tt", "uz"],
    "channel": ["sms", "email", "vk", "vk_wall", "telegram", "webchat", "call"],
    "product": ["kasko", "osago", "property", "mortgage", "other"],
}
WORK_SKILLS_OF_ALL = [
    "language:ru",
    *(f"{kind}:{code}" for kind in ("channel", "product") for code in WORK_SKILLS[kind]),
]
# The mailbox that answers to invitations come to: the one whose mail we read.
CALENDAR_ADDRESS = env("CALENDAR_ADDRESS") or env("SMTP_SENDER", "calendar@prichal.example")
# How long letters of the calendar are kept.
CALENDAR_KEPT = timedelta(days=90)
# The name of the company's bot, without @: links to it stand on clients' pages.
TELEGRAM_BOT = env("TELEGRAM_BOT")
SHORT_NUMBER = env("SHORT_NUMBER", "*0999")
# The voice robot: lines it may hold at once, calls it begins a minute, the number it shows.
ROBOT_LINES = int(env("ROBOT_LINES", "20"))
ROBOT_PACE = int(env("ROBOT_PACE", "60"))
ROBOT_NUMBER = env("ROBOT_NUMBER", "")

# One callable per channel that gives its transport; the local adapters need no account and serve the demo.
# Who takes documents by courier; the company's own people until a service is connected.
COURIER = env("COURIER", "clientela.modules.documents.ports.ByHand")
TRANSPORTS = {
    "sms": env("TRANSPORT_SMS", "clientela.integrations.local.transport.LocalSms"),
    "email": env("TRANSPORT_EMAIL", "clientela.integrations.local.transport.LocalEmail"),
    "vk": env("TRANSPORT_VK", "clientela.integrations.local.transport.LocalVk"),
    "vk_wall": env("TRANSPORT_VK_WALL", "clientela.integrations.local.transport.LocalVkWall"),
    "webchat": "clientela.integrations.webchat.transport.WebchatTransport",
    "telegram": env("TRANSPORT_TELEGRAM", "clientela.integrations.local.transport.LocalTelegram"),
}
# Where the envelopes of letters show the address: e65, din or left,top,width,height in millimetres.
LETTER_WINDOW = env("LETTER_WINDOW", "e65")
# Signs in to the servers of a mailbox, to see whether they let us.
MAILBOX_PROBE = "clientela.integrations.smtp.probe.try_mailbox"
# One callable that gives the telephone exchange; the local one needs no server and serves the demo.
EXCHANGE = env("EXCHANGE", "clientela.integrations.local.exchange.from_environment")
LOCAL_EXCHANGE = VAR / "exchange.sqlite3"
# One callable that gives accounts to telephones in browsers; empty where the exchange has none.
SOFTPHONES = env("SOFTPHONES", "")
# One callable that gives the voice; see `integrations/speech`.
VOICE = "clientela.integrations.speech.sounds.from_environment"
# One callable that gives the registry of drivers' classes; the local one is a table of our own.
# What one run over the base for double cards may take; its working files go to the system's folder for such unless named.
RESOLUTION_MEMORY = env("RESOLUTION_MEMORY", "2GB")
RESOLUTION_THREADS = int(env("RESOLUTION_THREADS", "2"))
RESOLUTION_FOLDER = env("RESOLUTION_FOLDER", "")
BONUS_MALUS_REGISTRY = env("BONUS_MALUS_REGISTRY", "clientela.modules.bonus_malus.local.LocalRegistry")
# Who takes money by link: one callable for cards, one for SBP. The bank of the demo takes nothing and lets all pass.
_BANK = "clientela.integrations.local.bank.from_environment" if DEMO else ""
ACQUIRERS = {"card": env("ACQUIRER", _BANK), "sbp": env("ACQUIRER_SBP", env("ACQUIRER", _BANK))}
LOCAL_BANK = VAR / "bank.sqlite3"
# One callable that gives the cash register; acquirers that write fiscal receipts themselves need none.
CASH_REGISTER = env(
    "CASH_REGISTER", "clientela.integrations.local.cash_register.from_environment" if DEMO else ""
)
# From where YooKassa's notices come, as it documents; they carry no signature.
YOOKASSA_NETWORKS = env(
    "YOOKASSA_NETWORKS",
    "185.71.76.0/27,185.71.77.0/27,77.75.153.0/25,77.75.154.128/25,77.75.156.11/32,77.75.156.35/32,2a02:5180::/32",
).split(",")
# How long a message whose sending was cut by a crash waits for a receipt before it is sent again.
UNCERTAIN_WINDOW = timedelta(seconds=int(env("UNCERTAIN_WINDOW_SECONDS", "1800")))
CLAIM_LEASE = timedelta(seconds=int(env("CLAIM_LEASE_SECONDS", "60")))

# Below so many free bytes where the files stand, an installation is not ready to serve.
DISK_FLOOR = int(env("DISK_FLOOR_MB", "100")) * 1024 * 1024
# A worker beats every 15 seconds; when none was heard for so long, all of them are taken for dead.
WORKER_SILENT_AFTER = timedelta(seconds=int(env("WORKER_SILENT_SECONDS", "60")))
# Tells when the last backup was made; the job monitor shows it.
BACKUP_NOTE = VAR / "backup.json"
# Closed networks that webhooks may be sent to, separated by commas; the demo may write to this machine.
WEBHOOK_NETWORKS = [
    network
    for network in env("WEBHOOK_NETWORKS", "127.0.0.0/8,::1/128" if DEMO else "").split(",")
    if network
]
# Whom the services of browsers may write to about our notifications; they ask for a mailbox that is read.
PUSH_CONTACT = env("PUSH_CONTACT", "push@prichal.example")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}, "weasyprint": {"level": "ERROR"}},
}
