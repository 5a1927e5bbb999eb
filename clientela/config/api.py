"""The API of the whole product: one router per module, mounted by name."""

import logging
from importlib import import_module
from importlib.util import find_spec

from clientela.foundation.api.core import Api
from clientela.modules.accounts.access import signed_in

log = logging.getLogger(__name__)

DESCRIPTION = """Everything a screen can do. Send `Authorization: Bearer <token>`; a token is made on the personal page.

Every POST carries an `Idempotency-Key`. Lists are paged by `cursor`. Errors are problem documents (RFC 9457):
`code` is for programs, `detail` for people. Times are UTC in ISO 8601, money is a decimal string in roubles."""

ROUTERS = [
    "clientela.modules.accounts.api",
    "clientela.modules.organisation.api",
    "clientela.modules.clients.api",
    "clientela.modules.contacts.api",
    "clientela.modules.products.api",
    "clientela.modules.contracts.api",
    "clientela.modules.billing.api",
    "clientela.modules.claims.api",
    "clientela.modules.renewals.api",
    "clientela.workspace.clients.api",
    "clientela.workspace.search.api",
    "clientela.workspace.imports.api",
    "clientela.workspace.today.api",
    "clientela.workspace.admin.api",
]

api = Api(
    title="Clientela",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_decorator=signed_in,
)


def _mount() -> None:
    """Mount every router that is there. For the time of building only."""
    for path in ROUTERS:
        try:
            if not find_spec(path):
                continue
        except ModuleNotFoundError:
            continue
        try:
            router = import_module(path).router
        except Exception:
            log.exception("api.broken %s", path)
            continue
        api.add_router("", router)


_mount()
