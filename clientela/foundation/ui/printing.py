"""Pages of HTML as PDF, by WeasyPrint. Nothing is fetched while it works."""

import logging
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal


class NoPrinter(Refusal):
    """The libraries that set pages are not installed on this machine."""

    message = _(
        "This server cannot set pages: install Pango (libpango-1.0-0, libpangoft2-1.0-0) and try again."
    )


def set_pages(html: str) -> Any:
    """The pages of ``html``: ``.pages`` and ``.write_pdf()``. Raises `NoPrinter`."""
    try:
        import weasyprint  # type: ignore[import-untyped]
    except OSError as error:  # its libraries are the system's
        raise NoPrinter from error
    for chatty in ("weasyprint.progress", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return weasyprint.HTML(string=html, url_fetcher=_nothing).render()


def _nothing(url: str, *args: Any, **kwargs: Any) -> Any:
    """A page fetches nothing: neither files of the server nor addresses of the network."""
    raise ValueError(f"not fetched: {url[:80]}")
