"""The lists of a card as SQL: name → columns and source. The outer row is ``clients_client``."""

from clientela.workspace.clients.queries.document import RawSQL, rows_as_json

_ME = '"clients_client"."id"'
_POLICY_PRODUCT = "JOIN products_product r ON r.id = p.product_id"

SECTIONS: dict[str, tuple[dict[str, str], str]] = {
    "points": (
        {name: f"x.{name}" for name in (
            "id", "kind", "value", "label", "is_primary", "verified_at", "do_not_use", "bad_since", "bad_reason",
        )},
        f"FROM clients_contactpoint x WHERE x.client_id = {_ME} "
        "ORDER BY x.do_not_use, x.bad_since IS NOT NULL, "
        "CASE x.kind WHEN 'phone' THEN 0 WHEN 'email' THEN 1 ELSE 2 END, x.is_primary DESC, x.id LIMIT 30",
    ),
    "consents": (
        {"purpose": "x.purpose", "channel": "x.channel", "granted_at": "x.granted_at"},
        f"FROM contacts_consent x WHERE x.client_id = {_ME} AND x.withdrawn_at IS NULL ORDER BY x.id LIMIT 30",
    ),
    "addresses": (
        {name: f"x.{name}" for name in ("kind", "city", "street", "postal_code")},
        f"FROM clients_address x WHERE x.client_id = {_ME} ORDER BY x.is_primary DESC, x.id LIMIT 5",
    ),
    "documents": (
        {name: f"x.{name}" for name in ("id", "kind", "number", "valid_until")},
        f"FROM clients_identitydocument x WHERE x.client_id = {_ME} ORDER BY x.id LIMIT 20",
    ),
    "others": (
        {"field": "x.field"},
        f"FROM clients_fieldvalue x WHERE x.client_id = {_ME} AND x.state = 'other' ORDER BY x.field, x.id LIMIT 20",
    ),
    "persons": (
        {name: f"x.{name}" for name in ("name", "position", "phone", "email")},
        f"FROM clients_contactperson x WHERE x.company_id = {_ME} ORDER BY x.id LIMIT 20",
    ),
    "tags": (
        {"name": "g.name"},
        f"FROM clients_client_tags x JOIN clients_tag g ON g.id = x.tag_id WHERE x.client_id = {_ME} "
        "ORDER BY g.name LIMIT 30",
    ),
    "files": (
        {name: f"x.{name}" for name in ("id", "name", "size", "uploaded_at")},
        f"FROM clients_attachment x WHERE x.client_id = {_ME} ORDER BY x.uploaded_at DESC, x.id DESC LIMIT 20",
    ),
    "notes": (
        {"id": "x.id", "text": "x.text", "author_id": "x.author_id", "created_at": "x.created_at",
         "author": "COALESCE(u.first_name || ' ' || u.last_name, '')"},
        f"FROM clients_note x LEFT JOIN accounts_user u ON u.id = x.author_id "
        f"WHERE x.client_id = {_ME} AND x.deleted_at IS NULL ORDER BY x.created_at DESC, x.id DESC LIMIT 10",
    ),
    "policies": (
        {"id": "p.id", "number": "p.number", "product": "r.name", "product_en": "r.name_en",
         "line": "r.line", "title": "COALESCE(o.title, '')", "plate": "COALESCE(o.plate, '')",
         "object_kind": "COALESCE(o.kind, '')", "object_id": "o.id", "sold_on": "o.sold_on",
         "bank": "COALESCE(b.name, '')", "status": "p.status", "start_date": "p.start_date",
         "end_date": "p.end_date", "cancelled_on": "p.cancelled_on", "premium": "p.premium", "renewal_year": "p.renewal_year",
         "loss_count": "p.loss_count", "loss_paid": "p.loss_paid", "project_id": "j.id",
         "project_state": "COALESCE(j.state, '')", "project_premium": "j.premium",
         "quote_premium": "(SELECT q.premium FROM contracts_quote q WHERE q.policy_id = p.id "
                          "AND q.withdrawn_at IS NULL ORDER BY q.created_at DESC LIMIT 1)",
         "renewed_by": "(SELECT MIN(n.id) FROM contracts_policy n WHERE n.previous_id = p.id "
                       "AND n.status <> 'cancelled')"},
        f"FROM contracts_policy p {_POLICY_PRODUCT} "
        "LEFT JOIN contracts_insuredobject o ON o.id = p.insured_object_id "
        "LEFT JOIN products_bank b ON b.id = p.bank_id "
        "LEFT JOIN contracts_project j ON j.policy_id = p.id AND j.state IN ('open', 'offered') "
        f"WHERE p.client_id = {_ME} ORDER BY p.end_date DESC, p.id DESC LIMIT 60",
    ),
    "payments": (
        {"id": "x.id", "paid_at": "x.paid_at", "amount": "x.amount", "method": "x.method",
         "product": "COALESCE(r.name, '')", "product_en": "COALESCE(r.name_en, '')",
         "number": "COALESCE(p.number, '')"},
        "FROM billing_payment x LEFT JOIN contracts_project j ON j.id = x.project_id "
        "LEFT JOIN contracts_policy p ON p.id = COALESCE(x.policy_id, j.policy_id) "
        "LEFT JOIN products_product r ON r.id = COALESCE(p.product_id, j.product_id) "
        f"WHERE x.client_id = {_ME} ORDER BY x.paid_at DESC, x.id DESC LIMIT 6",
    ),
    "dues": (
        {"due_on": "x.due_on", "amount": "x.amount - x.paid", "product": "r.name", "product_en": "r.name_en",
         "number": "p.number"},
        f"FROM billing_instalment x JOIN contracts_policy p ON p.id = x.policy_id {_POLICY_PRODUCT} "
        f"WHERE p.client_id = {_ME} AND x.paid < x.amount AND p.status = 'issued' ORDER BY x.due_on, x.id LIMIT 6",
    ),
    "claims": (
        {name: f"x.{name}" for name in ("id", "number", "status", "occurred_on", "disputed_since", "description")},
        f"FROM claims_claim x WHERE x.client_id = {_ME} AND (x.status IN ('reported', 'work', 'waiting') OR x.disputed_since IS NOT NULL) "
        "ORDER BY x.occurred_on DESC, x.id DESC LIMIT 10",
    ),
    "last": (
        {name: f"x.{name}" for name in ("channel", "direction", "created_at")},
        f"FROM contacts_message x WHERE x.client_id = {_ME} AND x.state NOT IN ('dropped', 'queued') "
        "ORDER BY x.created_at DESC LIMIT 1",
    ),
}  # fmt: skip


def sections() -> dict[str, RawSQL]:
    """Annotations ``j_points``, ``j_policies`` …: each list as a JSON text."""
    return {f"j_{name}": rows_as_json(columns, source) for name, (columns, source) in SECTIONS.items()}
