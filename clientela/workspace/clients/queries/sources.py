"""Where the entries of a timeline come from. The client's id is the one parameter of every condition."""

from dataclasses import dataclass

from django.db import connection

_PRODUCT = "JOIN products_product r ON r.id = p.product_id"
_AUTHOR = "COALESCE(u.first_name || ' ' || u.last_name, '')"


@dataclass(frozen=True)
class Source:
    """One kind of entry: its rows, their moment and id, and the columns its words are made of."""

    kind: str
    table: str
    condition: str
    at: str
    ref: str
    columns: tuple[tuple[str, str], ...]

    def json(self) -> str:
        """The columns as one JSON text."""
        pairs = ", ".join(f"'{name}', {expression}" for name, expression in self.columns)
        if connection.vendor == "postgresql":
            return f"json_build_object({pairs})::text"
        return f"json_object({pairs})"


def _midnight(day: str) -> str:
    """A day as a moment, in the database's own words."""
    if connection.vendor == "postgresql":
        return f"({day})::timestamp AT TIME ZONE 'UTC'"
    return f"({day} || ' 00:00:00')"


def _json(column: str) -> str:
    """A JSON column as a part of another JSON value."""
    return column if connection.vendor == "postgresql" else f"json({column})"


def all_sources() -> list[Source]:
    """All sources, for the database in use."""
    return [
        Source(
            "message",
            "contacts_message m LEFT JOIN accounts_user u ON u.id = m.author_id",
            "m.client_id = %s",
            "m.created_at",
            "m.id",
            (
                ("direction", "m.direction"), ("channel", "m.channel"), ("state", "m.state"),
                ("subject", "m.subject"), ("text", "SUBSTR(m.text, 1, 300)"), ("origin", "m.origin"),
                ("detail", "m.detail"), ("author", _AUTHOR), ("address", "m.address"),
            ),
        ),
        Source(
            "signal",
            "contacts_signal s JOIN contacts_message m ON m.id = s.message_id",
            "m.client_id = %s AND s.kind <> 'reply'",
            "s.at",
            "s.id",
            (("signal", "s.kind"), ("channel", "m.channel"), ("subject", "m.subject"), ("detail", "s.detail")),
        ),
        Source(
            "call",
            "calls_call c LEFT JOIN accounts_user u ON u.id = c.person_id",
            "c.client_id = %s AND c.state = 'ended'",
            "c.started_at",
            "c.id",
            (
                ("id", "c.id"), ("direction", "c.direction"), ("outcome", "c.outcome"), ("note", "c.note"),
                ("reason", "c.reason"), ("answered", "CASE WHEN c.answered_at IS NULL THEN 0 ELSE 1 END"),
                ("author", _AUTHOR),
            ),
        ),
        Source(
            "robot",
            "robot_attempt a JOIN robot_robotcall b ON b.id = a.call_id JOIN robot_dialogue d ON d.id = b.dialogue_id",
            "a.client_id = %s AND a.ended_at IS NOT NULL",
            "a.rung_at",
            "a.id",
            (
                ("id", "a.id"), ("dialogue", "d.name"), ("outcome", "b.outcome"), ("ending", "a.ending"),
                ("answered", "CASE WHEN a.answered_at IS NULL THEN 0 ELSE 1 END"),
                ("last", "CASE WHEN a.number = b.tries THEN 1 ELSE 0 END"),
                ("heard", "(SELECT MAX(s.heard) FROM robot_said s WHERE s.attempt_id = a.id AND s.via = 'word')"),
            ),
        ),
        Source(
            "request",
            "requests_request q LEFT JOIN products_product r ON r.id = q.product_id "
            "LEFT JOIN accounts_user u ON u.id = q.assignee_id",
            "q.client_id = %s",
            "q.created_at",
            "q.id",
            (
                ("id", "q.id"), ("source", "q.source"), ("partner", "q.partner"), ("state", "q.state"), ("about", "q.about"),
                ("text", "SUBSTR(q.text, 1, 200)"), ("score", "q.score"), ("reason", "q.reason"),
                ("product", "COALESCE(r.name, '')"), ("product_en", "COALESCE(r.name_en, '')"), ("author", _AUTHOR),
            ),
        ),
        Source(
            "note",
            "clients_note n LEFT JOIN accounts_user u ON u.id = n.author_id",
            "n.client_id = %s AND n.deleted_at IS NULL",
            "n.created_at",
            "n.id",
            (("text", "n.text"), ("author", _AUTHOR)),
        ),
        Source(
            "complaint",
            "contacts_handover h LEFT JOIN accounts_user u ON u.id = h.by_id",
            "h.client_id = %s AND h.undone_at IS NULL",
            "h.at",
            "h.id",
            (("excerpt", "h.excerpt"), ("urgency", "h.urgency"), ("author", _AUTHOR)),
        ),
        Source(
            "policy",
            f"contracts_policy p {_PRODUCT} LEFT JOIN contracts_insuredobject o ON o.id = p.insured_object_id",
            "p.client_id = %s",
            f"COALESCE(p.issued_at, {_midnight('p.start_date')})",
            "p.id",
            (
                ("number", "p.number"), ("product", "r.name"), ("product_en", "r.name_en"),
                ("premium", "p.premium"), ("start", "p.start_date"), ("end", "p.end_date"),
                ("year", "p.renewal_year"), ("title", "COALESCE(o.title, '')"),
            ),
        ),
        Source(
            "cancelled",
            f"contracts_policy p {_PRODUCT}",
            "p.client_id = %s AND p.cancelled_on IS NOT NULL",
            _midnight("p.cancelled_on"),
            "p.id",
            (
                ("number", "p.number"), ("product", "r.name"), ("product_en", "r.name_en"),
                ("reason", "p.cancel_reason"),
            ),
        ),
        Source(
            "quote",
            f"contracts_quote q JOIN contracts_policy p ON p.id = q.policy_id {_PRODUCT} "
            "LEFT JOIN accounts_user u ON u.id = q.created_by_id",
            "p.client_id = %s",
            "q.created_at",
            "q.id",
            (
                ("premium", "q.premium"), ("before", "p.premium"), ("note", "q.note"), ("policy", "p.id"),
                ("number", "p.number"), ("product", "r.name"), ("product_en", "r.name_en"),
                ("withdrawn", "CASE WHEN q.withdrawn_at IS NULL THEN 0 ELSE 1 END"), ("author", _AUTHOR),
            ),
        ),
        Source(
            "project",
            "contracts_project j LEFT JOIN contracts_policy p ON p.id = j.policy_id "
            "JOIN products_product r ON r.id = j.product_id "
            "LEFT JOIN accounts_user u ON u.id = j.created_by_id",
            "j.client_id = %s",
            "j.created_at",
            "j.id",
            (
                ("premium", "j.premium"), ("before", "j.carried_premium"), ("reason", "j.adjustment_reason"),
                ("policy", "COALESCE(p.id, j.next_policy_id)"), ("number", "COALESCE(p.number, '')"),
                ("product", "r.name"), ("product_en", "r.name_en"), ("state", "j.state"), ("author", _AUTHOR),
                ("renews", "CASE WHEN p.id IS NULL THEN 0 ELSE 1 END"),
            ),
        ),
        Source(
            "payment",
            "billing_payment x LEFT JOIN contracts_project j ON j.id = x.project_id "
            "LEFT JOIN contracts_policy p ON p.id = COALESCE(x.policy_id, j.policy_id) "
            "LEFT JOIN products_product r ON r.id = COALESCE(p.product_id, j.product_id) "
            "LEFT JOIN accounts_user u ON u.id = x.registered_by_id",
            "x.client_id = %s",
            "x.paid_at",
            "x.id",
            (
                ("amount", "x.amount"), ("method", "x.method"), ("product", "COALESCE(r.name, '')"),
                ("product_en", "COALESCE(r.name_en, '')"), ("number", "COALESCE(p.number, '')"),
                ("policy", "p.id"), ("author", _AUTHOR),
            ),
        ),
        Source(
            "claim",
            f"claims_claim c JOIN contracts_policy p ON p.id = c.policy_id {_PRODUCT}",
            "c.client_id = %s",
            "c.reported_at",
            "c.id",
            (
                ("number", "c.number"), ("description", "c.description"), ("status", "c.status"),
                ("amount", "c.amount"), ("occurred", "c.occurred_on"), ("disputed", "c.disputed_since"),
                ("product", "r.name"), ("product_en", "r.name_en"),
            ),
        ),
        _audit("data", "clients.client", "= %s", "NOT IN ('client.read', 'client.read_document', 'client.note_added')"),
        _audit(
            "contract",
            "contracts.policy",
            "IN (SELECT p.id FROM contracts_policy p WHERE p.client_id = %s)",
            "IN ('project.offered', 'project.repriced', 'project.withdrawn', 'quote.withdrawn')",
        ),
        Source(
            "signature",
            "documents_signrequest g LEFT JOIN contracts_policy p ON p.id = g.policy_id "
            "LEFT JOIN accounts_user u ON u.id = g.created_by_id",
            "g.client_id = %s",
            "COALESCE(g.signed_at, g.created_at)",
            "g.id",
            (("state", "g.state"), ("number", "COALESCE(p.number, '')"), ("policy", "p.id"), ("author", _AUTHOR)),
        ),
        Source(
            "delivery",
            "documents_deliverystep d JOIN documents_delivery y ON y.id = d.delivery_id "
            "JOIN contracts_policy p ON p.id = y.policy_id LEFT JOIN accounts_user u ON u.id = d.by_id",
            "y.client_id = %s",
            "d.at",
            "d.id",
            (
                ("state", "d.state"), ("way", "y.way"), ("note", "d.note"), ("number", "p.number"), ("policy", "p.id"),
                ("author", _AUTHOR),
            ),
        ),
        _audit(
            "renewal",
            "renewals.renewal",
            "IN (SELECT w.id FROM renewals_renewal w WHERE w.client_id = %s)",
            "IN ('renewal.lost', 'renewal.reopen', 'renewal.hold', 'renewal.release')",
        ),
        _audit(
            "dispute",
            "claims.claim",
            "IN (SELECT c.id FROM claims_claim c WHERE c.client_id = %s)",
            "IN ('claim.dispute_opened', 'claim.dispute_closed')",
        ),
        Source(
            "touch",
            "renewals_touch t JOIN renewals_renewal w ON w.id = t.renewal_id "
            "LEFT JOIN renewals_step s ON s.id = t.step_id",
            "w.client_id = %s AND t.state IN ('dropped', 'done')",
            "COALESCE(t.sent_at, t.due_at)",
            "t.id",
            (
                ("channel", "t.channel"), ("state", "t.state"), ("day", "t.day"), ("reason", "t.reason"),
                ("detail", "t.reason_detail"), ("step", "COALESCE(s.name, '')"),
            ),
        ),
    ]  # fmt: skip


def _audit(kind: str, object_type: str, of_client: str, actions: str) -> Source:
    return Source(
        kind,
        "audit_entry a",
        f"a.object_type = '{object_type}' AND a.object_id {of_client} AND a.action {actions}",
        "a.at",
        "a.id",
        (("action", "a.action"), ("actor", "a.actor_name"), ("changes", _json("a.changes")), ("reason", "a.reason"),
         ("object", "a.object_name")),
    )  # fmt: skip
