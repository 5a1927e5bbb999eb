"""Products over the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.products.models import Bank
from clientela.modules.products.queries import on_sale

READ = requires(Permission.CONTRACTS_READ)
router = Router(tags=["products"])


class ProductOut(Schema):
    id: int
    code: str
    line: str
    name: str
    name_en: str
    is_renewable: bool


class BankOut(Schema):
    id: int
    code: str
    name: str


@router.get("/products", response=list[ProductOut])
@READ
def list_products(request: HttpRequest) -> Any:
    """Products on sale, by line."""
    return on_sale()[:500]


@router.get("/banks", response=list[BankOut])
@READ
def list_banks(request: HttpRequest) -> Any:
    """Lenders that mortgage policies name."""
    return Bank.objects.all()[:1000]
