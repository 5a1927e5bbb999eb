"""The API of the whole product: one router per module, mounted by name."""

from importlib import import_module
from importlib.util import find_spec

from clientela.foundation.api.core import Api
from clientela.modules.accounts.access import signed_in

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
    "clientela.workspace.admin.api",
]
if find_spec("clientela.workspace.imports.api"):  # being built
    ROUTERS.append("clientela.workspace.imports.api")

api = Api(
    title="Clientela",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_decorator=signed_in,
)
for _router in ROUTERS:
    api.add_router("", import_module(_router).router)
