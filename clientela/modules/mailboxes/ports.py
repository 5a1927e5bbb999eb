"""What the module asks of the outside: whether the servers of a mailbox let us in."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox as its connections need it. A host is empty where there is none of our own to ask."""

    address: str
    sender: str
    user: str
    password: str = field(repr=False)
    imap_host: str = ""
    imap_port: int = 993
    imap_security: str = "tls"
    smtp_host: str = ""
    smtp_port: int = 465
    smtp_security: str = "tls"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a server did not let us in: ``side`` is imap, smtp or empty, ``words`` are the server's own."""

    side: str
    code: str
    words: str = ""


class Probe(Protocol):
    """Signs in to both servers and out again; returns what went wrong, nothing when all is well."""

    def __call__(self, account: Account) -> list[Fault]: ...
