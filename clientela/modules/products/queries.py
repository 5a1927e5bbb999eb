"""Reading products."""

from datetime import date

from django.db.models import QuerySet

from clientela.modules.products.models import Product, ProductVersion


def on_sale() -> QuerySet[Product]:
    """Products that may be sold now, by line."""
    return Product.objects.filter(is_active=True)


def name_of(product: Product) -> str:
    """The product's name in the language of the page."""
    return product.shown_name


def version_on(product: str, on: date) -> ProductVersion | None:
    """The version of the product with this code that is sold with a cover that begins on ``on``."""
    versions = ProductVersion.objects.filter(
        product__code=product, state=ProductVersion.State.ACTIVE, starts_on__lte=on
    )
    return versions.order_by("-starts_on", "-number").first()
