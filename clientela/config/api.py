"""The API of the whole product: one router per module."""

from clientela.foundation.api.core import Api
from clientela.integrations.webchat.api import router as chat_widgets
from clientela.modules.accounts.access import signed_in
from clientela.modules.accounts.api import router as accounts
from clientela.modules.billing.api import router as billing
from clientela.modules.bonus_malus.api import router as bonus_malus
from clientela.modules.book.api import router as training
from clientela.modules.book.api_pages import router as book
from clientela.modules.calendar.api import router as calendar
from clientela.modules.chat.api import router as chat
from clientela.modules.claims.api import router as claims
from clientela.modules.clients.api import router as clients
from clientela.modules.commission.api import router as commission
from clientela.modules.contacts.api import router as contacts
from clientela.modules.contracts.api import router as contracts
from clientela.modules.documents.api import router as documents
from clientela.modules.documents.api_delivery import router as deliveries
from clientela.modules.documents.api_signing import router as signatures
from clientela.modules.group.api import router as group_data
from clientela.modules.mailboxes.api import router as mailboxes
from clientela.modules.organisation.api import router as organisation
from clientela.modules.products.api import router as products
from clientela.modules.quotes.api import router as calculations
from clientela.modules.rating.api import router as rating
from clientela.modules.renewals.api import router as renewals
from clientela.modules.rent.api import router as rent
from clientela.modules.resolution.api import router as duplicates
from clientela.modules.resolution.api_joining import router as duplicate_rules
from clientela.modules.robot.api import router as robot
from clientela.modules.sales.api import router as sales
from clientela.modules.underwriting.api import router as underwriting
from clientela.modules.underwriting.api_changes import router as changes_referred
from clientela.workspace.admin.api import router as admin
from clientela.workspace.agents.api import router as agent_figures
from clientela.workspace.alerts.api import router as alerts
from clientela.workspace.calls.api import router as calls
from clientela.workspace.clients.api import router as client_list
from clientela.workspace.dialler.api import router as dialler
from clientela.workspace.exports.api import router as exports
from clientela.workspace.feedback.api import router as feedback
from clientela.workspace.imports.api import router as imports
from clientela.workspace.inbox.api import router as inbox
from clientela.workspace.letters.api import router as letters
from clientela.workspace.products.api import router as tariffs
from clientela.workspace.renewals.api import router as board
from clientela.workspace.requests.api import router as requests
from clientela.workspace.routing.api import router as routing
from clientela.workspace.schedules.api import router as editor
from clientela.workspace.search.api import router as search
from clientela.workspace.today.api import router as today
from clientela.workspace.wallboard.api import router as line
from clientela.workspace.webhooks.api import router as webhooks

DESCRIPTION = """Everything a screen can do. Send `Authorization: Bearer <token>`; a token is made on the personal page.

Every POST carries an `Idempotency-Key`. Lists are paged by `cursor`. Errors are problem documents (RFC 9457):
`code` is for programs, `detail` for people. Times are UTC in ISO 8601, money is a decimal string in roubles."""

ROUTERS = (
    accounts, organisation, clients, contacts, calendar, products, rating, tariffs, contracts, documents, signatures, deliveries, billing, commission, rent, calculations, claims, renewals, client_list, search, admin,
    webhooks, imports, exports, board, editor, today,
    robot, dialler, bonus_malus, sales,
    agent_figures, feedback, inbox, routing, line, mailboxes, letters, calls, chat_widgets, chat, alerts, book,
    requests, training, underwriting, changes_referred, duplicates, duplicate_rules, group_data,
)  # fmt: skip

api = Api(
    title="Clientela",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_decorator=signed_in,
)
for _router in ROUTERS:
    api.add_router("", _router)
