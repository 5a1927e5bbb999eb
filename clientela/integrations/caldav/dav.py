"""WebDAV's XML: what is asked for, and the answer of many parts (RFC 4918)."""

from collections.abc import Callable, Iterable, Mapping
from xml.etree import ElementTree as ET

from django.http import HttpResponse

DAV, CAL, CS = "DAV:", "urn:ietf:params:xml:ns:caldav", "http://calendarserver.org/ns/"
LARGEST = 512 * 1024
for _prefix, _space in (("d", DAV), ("c", CAL), ("cs", CS)):
    ET.register_namespace(_prefix, _space)

Property = Callable[[], "ET.Element | str | None"]


class BadXml(ValueError):
    """The body is not XML we read."""


def d(name: str) -> str:
    return f"{{{DAV}}}{name}"


def c(name: str) -> str:
    return f"{{{CAL}}}{name}"


def cs(name: str) -> str:
    return f"{{{CS}}}{name}"


def read(body: bytes) -> ET.Element | None:
    """The root of the body; None when it is empty. Raises ``BadXml``: no document type is read, nor much of anything."""
    if not body.strip():
        return None
    if len(body) > LARGEST or b"<!DOCTYPE" in body.upper() or b"<!ENTITY" in body.upper():
        raise BadXml
    try:
        return ET.fromstring(body)  # noqa: S314 - no document types, see above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise BadXml from error


def element(tag: str, *children: "ET.Element | str") -> ET.Element:
    made = ET.Element(tag)
    for child in children:
        if isinstance(child, str):
            made.text = (made.text or "") + child
        else:
            made.append(child)
    return made


def href(address: str) -> ET.Element:
    return element(d("href"), address)


def asked(root: ET.Element | None) -> list[str] | None:
    """Names of the properties asked for; None for all of them."""
    if root is None:
        return None
    prop = root.find(d("prop"))
    return [child.tag for child in prop] if prop is not None else None


def answer(address: str, properties: Mapping[str, Property], names: Iterable[str] | None) -> ET.Element:
    """One part of the answer: what is there with its value, what is not by name."""
    there, missing = ET.Element(d("prop")), ET.Element(d("prop"))
    # What is written out only when asked for by name.
    usual = [name for name in properties if name != c("calendar-data")]
    for name in usual if names is None else names:
        value = properties[name]() if name in properties else None
        if value is None:
            missing.append(ET.Element(name))
        else:
            there.append(value if isinstance(value, ET.Element) else element(name, value))
    parts = [href(address)]
    for prop, status in ((there, "200 OK"), (missing, "404 Not Found")):
        if len(prop):
            parts.append(element(d("propstat"), prop, element(d("status"), f"HTTP/1.1 {status}")))
    return element(d("response"), *parts)


def gone(address: str, status: str = "404 Not Found") -> ET.Element:
    return element(d("response"), href(address), element(d("status"), f"HTTP/1.1 {status}"))


def multistatus(parts: Iterable[ET.Element]) -> HttpResponse:
    root = element(d("multistatus"), *parts)
    return HttpResponse(
        ET.tostring(root, encoding="utf-8", xml_declaration=True), status=207,
        content_type="application/xml; charset=utf-8",
    )  # fmt: skip


def refusal(status: int, condition: str) -> HttpResponse:
    """An error that names the rule it breaks."""
    root = element(d("error"), ET.Element(condition))
    return HttpResponse(
        ET.tostring(root, encoding="utf-8", xml_declaration=True), status=status,
        content_type="application/xml; charset=utf-8",
    )  # fmt: skip
