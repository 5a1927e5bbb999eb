"""Papers as a reader has them: the pages as pictures, what their square codes say, the words on them."""

from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from pypdf import PdfReader

from clientela.modules.documents.models import Document


def file_of(document: Document) -> bytes:
    with document.file.open("rb") as stored:
        return bytes(stored.read())


def pages_of(pdf: bytes, dots: int = 200) -> list[Any]:
    """Each page as a picture, printed with so many dots to the inch."""
    with pypdfium2.PdfDocument(pdf) as paper:
        return [page.render(scale=dots / 72).to_pil().convert("L") for page in paper]


def squares_on(picture: Any) -> list[Any]:
    """The QR codes of a picture, as a camera's decoder reads them."""
    return list(zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode))


def squares_of(pdf: bytes, dots: int = 200) -> list[Any]:
    return [code for page in pages_of(pdf, dots) for code in squares_on(page)]


def words_of(pdf: bytes) -> str:
    """Everything that stands on the pages, spaces made plain."""
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return " ".join(text.replace("\xa0", " ").split())


def payment_of(data: bytes) -> dict[str, str]:
    """A string of GOST R 56042-2014 by its rules alone: what it is, in which charset, parted by which mark."""
    assert data[:6] == b"ST0001"
    charset = {b"1": "cp1251", b"2": "utf-8", b"3": "koi8-r"}[data[6:7]]
    mark = data[7:8].decode("ascii")
    assert mark in "|#;:^_~{}!$%&()*+,/@"
    pairs = [field.partition("=")[::2] for field in data[8:].decode(charset).split(mark)]
    assert [name for name, _ in pairs[:5]] == ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc"]
    assert len({name for name, _ in pairs}) == len(pairs)
    assert all(value for _, value in pairs)
    assert len(mark.join(f"{name}={value}" for name, value in pairs[:5]).encode(charset)) <= 300
    return {"charset": charset, "mark": mark} | dict(pairs)
