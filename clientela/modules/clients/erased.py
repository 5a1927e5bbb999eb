"""Knowing an erased person again without keeping anything of them."""

from datetime import date

from clientela.foundation import keyring
from clientela.modules.clients.models import Client, IdentityDocument, Tombstone

PASSPORT, LICENCE, INN = "passport", "licence", "inn"


def digest(kind: str, value: str) -> str:
    """Of a document or an INN in normal form."""
    return keyring.digest(f"{kind}|{value}", "clients.tombstone")


def person(name_key: str, born: date | str | None) -> str:
    """Of a folded name with a birth date; nothing without one of them."""
    return digest("person", f"{name_key}|{born}") if name_key and born else ""


def digests_of(client: Client) -> set[str]:
    """Everything by which this person would be known again. A telephone or an address a family shares is nothing."""
    papers = IdentityDocument.objects.filter(client=client)
    found = {digest(one.kind, one.number) for one in papers}
    if client.inn:
        found.add(digest(INN, client.inn))
    return found | ({person(client.name_key, client.birth_date)} - {""})


def come_back(client: Client) -> bool:
    """A card was made on purpose for somebody who was erased: they are no stranger to files any more."""
    return bool(Tombstone.objects.filter(digest__in=digests_of(client)).delete()[0])
