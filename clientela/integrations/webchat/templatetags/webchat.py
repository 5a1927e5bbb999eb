"""Colours of widgets in our own pages."""

from django import template

register = template.Library()

# As in frontend/src/widget/style.ts.
_COLOURS = {
    "lake": ("#0a6585", "#ffffff"),
    "ink": ("#10242d", "#ffffff"),
    "sun": ("#fcb61a", "#10242d"),
    "moss": ("#2c7036", "#ffffff"),
}


@register.filter
def paint(colour: str) -> str:
    """The style of a surface in a widget's colour."""
    ground, ink = _COLOURS.get(colour, _COLOURS["lake"])
    return f"background:{ground};color:{ink}"
