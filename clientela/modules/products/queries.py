"""Reading products."""

from django.db.models import QuerySet
from django.utils.translation import get_language

from clientela.modules.products.models import Product


def on_sale() -> QuerySet[Product]:
    """Products that may be sold now, by line."""
    return Product.objects.filter(is_active=True)


def name_of(product: Product) -> str:
    """The product's name in the language of the page."""
    return product.name_en if get_language() == "en" and product.name_en else product.name
