"""Roles and what each may do. Which records it may do it to is the scope (organisation)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in the company."""

    AGENT = "agent", _("Agent")
    TEAM_LEAD = "team_lead", _("Team lead")
    BRANCH_HEAD = "branch_head", _("Head of branch")
    CENTRE_OPERATOR = "centre_operator", _("Renewal-centre operator")
    RENEWALS_MANAGER = "renewals_manager", _("Renewals manager")
    MARKETER = "marketer", _("Marketer")
    QUALITY = "quality", _("Quality service")
    PRODUCT_MANAGER = "product_manager", _("Product manager")
    UNDERWRITER = "underwriter", _("Underwriter")
    ADJUSTER = "adjuster", _("Claims adjuster")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")
    SISTER = "sister", _("Sister company")


class Permission(models.TextChoices):
    """One thing a role may do."""

    CLIENTS_READ = "clients.read", _("See clients")
    CLIENTS_WRITE = "clients.write", _("Change clients")
    CLIENTS_EXPORT = "clients.export", _("Export lists")
    CLIENTS_MERGE = "clients.merge", _("Merge cards of one client and part them")
    CONTACTS_WRITE = "contacts.write", _("Write to clients")
    CALLS_LISTEN = "calls.listen", _("Listen to calls and their recordings")
    TELEPHONY_WRITE = "telephony.write", _("Set up numbers and voice menus")
    CONTRACTS_READ = "contracts.read", _("See policies")
    CONTRACTS_WRITE = "contracts.write", _("Make projects and quotes")
    CLAIMS_READ = "claims.read", _("See claims")
    CLAIMS_WRITE = "claims.write", _("Report losses, keep photos and disputes")
    CLAIMS_SETTLE = "claims.settle", _("Work on claims: papers, payment, refusal")
    REQUESTS_READ = "requests.read", _("See requests")
    REQUESTS_WRITE = "requests.write", _("Work on requests")
    SALES_READ = "sales.read", _("See deals")
    SALES_WRITE = "sales.write", _("Work on deals")
    FUNNELS_WRITE = "funnels.write", _("Set up funnels and scripts")
    PRODUCTS_READ = "products.read", _("See products, tariffs and the sales book")
    PRODUCTS_WRITE = "products.write", _("Edit products, tariffs and the sales book")
    TARIFFS_APPROVE = "tariffs.approve", _("Approve tariffs prepared by others")
    UNDERWRITING_DECIDE = "underwriting.decide", _("Decide referred calculations")
    DOCUMENTS_WRITE = "documents.write", _("Edit templates of documents")
    PAYMENTS_WRITE = "payments.write", _("Register payments")
    COMMISSION_READ = "commission.read", _("See commission")
    COMMISSION_CLOSE = "commission.close", _("Close statements of commission")
    COMMISSION_RATES = "commission.rates", _("Set rates of commission")
    RENT_APPROVE = "rent.approve", _("Approve rent of agents")
    RENEWALS_READ = "renewals.read", _("See renewals")
    RENEWALS_WRITE = "renewals.write", _("Work on renewals")
    SCHEDULES_WRITE = "schedules.write", _("Edit schedules")
    POLICY_WRITE = "policy.write", _("Edit the communication policy and templates")
    IMPORTS_RUN = "imports.run", _("Import files")
    ORGANISATION_READ = "organisation.read", _("See the organisation")
    ORGANISATION_WRITE = "organisation.write", _("Manage organisation and users")
    FEEDBACK_WRITE = "feedback.write", _("Call back clients who are not content")
    SURVEYS_WRITE = "surveys.write", _("Set up surveys")
    ROUTING_WRITE = "routing.write", _("Set who takes which work")
    TRAINING_READ = "training.read", _("See who passed which test")
    LINE_READ = "line.read", _("See the line: queues, figures, states of people")
    LINE_RUN = "line.run", _("Run the line: give work out, declare states of people, screens on the wall")
    AUDIT_READ = "audit.read", _("Read the journal")
    JOBS_READ = "jobs.read", _("See the job monitor")
    JOBS_WRITE = "jobs.write", _("Steer jobs")
    CALENDAR_USE = "calendar.use", _("Keep an own calendar")
    WEBHOOKS_WRITE = "webhooks.write", _("Manage webhooks")
    PRIVACY_WRITE = "privacy.write", _("Give out and erase all data of a person")
    CHAT_USE = "chat.use", _("Talk with colleagues")
    GROUP_READ = "group.read", _("See data from sister companies")
    GROUP_WRITE = "group.write", _("Set up sister companies and decide whose their data is")
    GROUP_FEED = "group.feed", _("Bring data of a sister company")
    DEMO_PHONE = "demo.phone", _("Use the client's phone of the demo")


_P = Permission
_WORK = frozenset(
    {
        _P.CLIENTS_READ,
        _P.CLIENTS_WRITE,
        _P.CONTACTS_WRITE,
        _P.CONTRACTS_READ,
        _P.CONTRACTS_WRITE,
        _P.CLAIMS_READ,
        _P.CLAIMS_WRITE,
        _P.PAYMENTS_WRITE,
        _P.REQUESTS_READ,
        _P.REQUESTS_WRITE,
        _P.SALES_READ,
        _P.SALES_WRITE,
        _P.PRODUCTS_READ,
        _P.RENEWALS_READ,
        _P.RENEWALS_WRITE,
        _P.FEEDBACK_WRITE,
        _P.CHAT_USE,
        _P.DEMO_PHONE,
        _P.GROUP_READ,
    }
)
_LINE = frozenset({_P.LINE_READ, _P.LINE_RUN})
_LEAD = (
    _WORK
    | {_P.CLIENTS_EXPORT, _P.CLIENTS_MERGE, _P.ORGANISATION_READ, _P.CALLS_LISTEN, _P.TRAINING_READ}
    | {_P.COMMISSION_READ}
    | _LINE
)
_READ = frozenset(
    {
        _P.CLIENTS_READ,
        _P.CONTRACTS_READ,
        _P.CLAIMS_READ,
        _P.REQUESTS_READ,
        _P.SALES_READ,
        _P.PRODUCTS_READ,
        _P.RENEWALS_READ,
        _P.ORGANISATION_READ,
        _P.AUDIT_READ,
        _P.JOBS_READ,
        _P.CHAT_USE,
        _P.LINE_READ,
        _P.TRAINING_READ,
        _P.GROUP_READ,
    }
)

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.AGENT: _WORK | {_P.COMMISSION_READ},
    Role.TEAM_LEAD: _LEAD,
    Role.BRANCH_HEAD: _LEAD
    | {_P.IMPORTS_RUN, _P.ROUTING_WRITE, _P.UNDERWRITING_DECIDE, _P.COMMISSION_CLOSE, _P.CLAIMS_SETTLE}
    | {_P.RENT_APPROVE, _P.PRIVACY_WRITE},
    Role.CENTRE_OPERATOR: _WORK | {_P.LINE_READ, _P.CLIENTS_MERGE},
    Role.RENEWALS_MANAGER: _LEAD
    | {
        _P.COMMISSION_CLOSE,
        _P.COMMISSION_RATES,
        _P.RENT_APPROVE,
        _P.SCHEDULES_WRITE,
        _P.POLICY_WRITE,
        _P.FUNNELS_WRITE,
        _P.IMPORTS_RUN,
        _P.GROUP_WRITE,
        _P.JOBS_READ,
        _P.JOBS_WRITE,
        _P.ROUTING_WRITE,
    },
    Role.MARKETER: frozenset(
        {
            _P.CLIENTS_READ,
            _P.CONTRACTS_READ,
            _P.REQUESTS_READ,
            _P.REQUESTS_WRITE,
            _P.SALES_READ,
            _P.PRODUCTS_READ,
            _P.RENEWALS_READ,
            _P.CLIENTS_EXPORT,
            _P.CHAT_USE,
        }
    ),
    Role.QUALITY: _READ - {_P.AUDIT_READ, _P.JOBS_READ}
    | {_P.CALLS_LISTEN, _P.FEEDBACK_WRITE, _P.SURVEYS_WRITE, _P.CLIENTS_EXPORT, _P.CLIENTS_MERGE},
    Role.PRODUCT_MANAGER: frozenset(
        {
            _P.CLIENTS_READ,
            _P.CONTRACTS_READ,
            _P.PRODUCTS_READ,
            _P.PRODUCTS_WRITE,
            _P.TRAINING_READ,
            _P.TARIFFS_APPROVE,
            _P.FUNNELS_WRITE,
            _P.DOCUMENTS_WRITE,
            _P.CHAT_USE,
        }
    ),
    Role.UNDERWRITER: frozenset(
        {
            _P.CLIENTS_READ,
            _P.CONTRACTS_READ,
            _P.CONTRACTS_WRITE,
            _P.PRODUCTS_READ,
            _P.SALES_READ,
            _P.UNDERWRITING_DECIDE,
            _P.CHAT_USE,
        }
    ),
    Role.ADJUSTER: frozenset(
        {
            _P.CLIENTS_READ,
            _P.CONTACTS_WRITE,
            _P.CONTRACTS_READ,
            _P.CLAIMS_READ,
            _P.CLAIMS_WRITE,
            _P.CLAIMS_SETTLE,
            _P.PRODUCTS_READ,
            _P.CHAT_USE,
        }
    ),
    Role.ADMINISTRATOR: frozenset(Permission) - {_P.GROUP_FEED},
    Role.AUDITOR: _READ | {_P.COMMISSION_READ},
    # An account of another company's program: it brings, and sees nothing.
    Role.SISTER: frozenset({_P.GROUP_FEED}),
}


def permissions_of(role: str) -> frozenset[Permission]:
    """What ``role`` may do; nothing for an unknown role. A calendar of their own is everybody's."""
    own = ROLE_PERMISSIONS.get(role)
    if own is None or role == Role.SISTER:
        return own or frozenset()
    return own | {_P.CALENDAR_USE}
