"""What a file is, by its content alone."""

import io
import zipfile

import pytest

from domain.evidence import usual_kind
from services.attachments import media_type, plain_name


def office(part: str) -> bytes:
    """A document as office programs write it: a ZIP file with its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr(part, "<content/>")
    return made.getvalue()


def film(brand: bytes) -> bytes:
    """The beginning of a file of the family of MP4."""
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x02\x00isomiso2mp41" + bytes(200)


@pytest.mark.parametrize(
    ("content", "what", "evidence"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "image/png", "photo"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(60), "image/jpeg", "photo"),
        (film(b"heic"), "image/heic", "photo"),  # what many telephones take
        (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40), "audio/wav", "recording"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(50), "audio/mpeg", "recording"),
        (b"#!AMR\n" + bytes(40), "audio/amr", "recording"),  # what many call recorders write
        (b"\xff\xf3\x40\xc4" + bytes(50), "audio/mpeg", "recording"),  # the low rates of voice recorders
        (film(b"avif"), "image/avif", "photo"),
        (film(b"msf1"), "image/heic", "photo"),  # several exposures in one
        (film(b"qt  "), "video/quicktime", "recording"),  # films of the same telephones
        (film(b"3gp4"), "video/3gpp", "recording"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40), "image/webp", "photo"),
        (b"See the WAVE of complaints", "text/plain", "document"),
        (b"See our WEBPage", "text/plain", "document"),
        (film(b"M4A "), "audio/mp4", "recording"),
        (film(b"isom"), "video/mp4", "recording"),
        (b"%PDF-1.7\n" + b"a" * 50, "application/pdf", "document"),
        (
            office("word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "document",
        ),
        ("外箱破损".encode(), "text/plain", "document"),
    ],
)
def test_what_is_taken(content: bytes, what: str, evidence: str) -> None:
    assert media_type(content) == what
    assert usual_kind(what) == evidence


PROGRAMS = (b"MZ\x90\x00" + bytes(100), b"\x7fELF\x02\x01\x01" + bytes(60))


@pytest.mark.parametrize("content", [*PROGRAMS, b"\x00\x01\x02", b"\xff\xfe\xfd", office("x")])
def test_what_is_not_taken(content: bytes) -> None:
    assert media_type(content) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\bill.pdf", "bill.pdf"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie: x=1.png"),
        ("photo\u202egnp.exe", "photognp.exe"),  # shown as photoexe.png otherwise
        ("外箱 破损😀.png", "外箱 破损😀.png"),
        ("a\x00b.png", "ab.png"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert plain_name(given) == kept
