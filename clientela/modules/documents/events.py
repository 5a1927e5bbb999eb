"""What happened to documents."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentReady:
    """The PDF is made, or could not be."""

    document_id: int
    client_id: int
    policy_id: int | None
    state: str
    project_id: int | None = None


@dataclass(frozen=True)
class SignatureChanged:
    """A client was asked to sign, signed (``signed``), or the request was closed (``withdrawn``, ``locked``)."""

    sign_request_id: int
    client_id: int
    policy_id: int | None
    project_id: int | None
    state: str


@dataclass(frozen=True)
class DeliveryChanged:
    """Documents of a policy were ordered for delivery, or came to another state."""

    delivery_id: int
    client_id: int
    policy_id: int
    state: str
