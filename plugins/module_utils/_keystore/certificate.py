# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: X.509 certificates as bytes (PEM, DER, PKCS#7) and what they say.

Pure, standard library only. Certificates come from strangers: the time is linear in their size.
"""

from __future__ import annotations

import binascii
import dataclasses
import datetime as dt
import functools
import hashlib
import ipaddress
import re
import ssl
import typing as t

from .._problem import Problem, printable
from .der import (
    BOOLEAN,
    CONTEXT_0,
    CONTEXT_3,
    GENERALIZED_TIME,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    UTC_TIME,
    children,
    encode,
    first,
    first_whole,
)

SIZE_LIMIT = 1 << 20  # bytes of a file with certificates

_PEM_LINE = re.compile(rb"-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----")
_CERTIFICATE_LABELS = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_PKCS7_LABELS = (b"PKCS7", b"CMS")
_VERSION_3 = b"\x02\x01\x02"  # counted from 0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_RSA = bytes.fromhex("2a864886f70d010101")
_COMMON_NAME, _BASIC_CONSTRAINTS, _ALTERNATIVE_NAMES = b"\x55\x04\x03", b"\x55\x1d\x13", b"\x55\x1d\x11"
# What Java calls the parts of a name (sun.security.x509.AVAKeyword), and what it puts into quotes.
_KEYWORDS = {
    _COMMON_NAME: "CN",
    b"\x55\x04\x04": "SURNAME",
    b"\x55\x04\x05": "SERIALNUMBER",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x09": "STREET",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
    b"\x55\x04\x0c": "T",
    b"\x55\x04\x2a": "GIVENNAME",
    bytes.fromhex("2a864886f70d010901"): "EMAILADDRESS",
    bytes.fromhex("0992268993f22c640119"): "DC",
    bytes.fromhex("0992268993f22c640101"): "UID",
}
_QUOTED = re.compile(r'[,+=\n<>#;\\"]|^ | $|  ')
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87  # in GeneralName, RFC 5280, 4.2.1.6
# How a DirectoryString's bytes are text; anything else is taken for UTF-8.
_ENCODINGS = {0x14: "latin-1", 0x1C: "utf-32-be", 0x1E: "utf-16-be"}


@dataclasses.dataclass(frozen=True)
class Certificate:
    """One X.509 certificate.

    ``sha256`` is lower-case hex of the DER form, as Java, OpenSSL and urllib3 compute it.
    """

    der: bytes = dataclasses.field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pem(self) -> str:
        return ssl.DER_cert_to_PEM_cert(self.der)

    @property
    def not_before(self) -> dt.datetime:
        return self._validity[0]

    @property
    def not_after(self) -> dt.datetime:
        return self._validity[1]

    @property
    def common_name(self) -> str | None:
        """The subject's last and so most specific one, fit to be shown; None where there is none."""
        try:
            subject = self._fields[4][1]
            sets = [value for _tag, value in children(subject)]
            found = [_common_name(item) for value in sets for _tag, item in children(value)]
        except (IndexError, ValueError):
            return None
        return next((name for name in reversed(found) if name is not None), None)

    @property
    def thumbprint(self) -> str:
        """The SHA-256 as Identity Server writes it: upper-case pairs of digits with colons between them."""
        return ":".join(re.findall("..", self.sha256.upper()))

    @property
    def issuer(self) -> str:
        """The issuer's name as Identity Server compares it: Java's text of it, its parts sorted.

        By ClientCertificateBasedAuthenticationHandler, which splits at every comma. Raises Problem.
        """
        try:
            sets = [value for _tag, value in children(self._fields[2][1])]
            parts = [" + ".join(_attribute(item) for _tag, item in children(value)) for value in sets]
        except (IndexError, ValueError) as exc:
            raise Problem(
                "The certificate's issuer cannot be read", advice="give another certificate"
            ) from exc
        return ", ".join(sorted(part.strip() for part in ",".join(parts).split(",")))

    @property
    def names(self) -> list[str]:
        """The DNS names and IP addresses of the subject alternative name, fit to be shown."""
        try:
            value = self._extensions().get(_ALTERNATIVE_NAMES)
            items = [] if value is None else list(children(first(value, SEQUENCE)))
        except ValueError:
            return []
        return [name for tag, item in items for name in _general_name(tag, item)]

    @property
    def is_ca(self) -> bool:
        """Whether Java, once it trusts this one, trusts what its key has signed, for whatever name.

        That is by its basic constraints (RFC 5280, 4.2.1.9). One before version 3 has none and counts as a CA
        for Java (measured on JDK 17), and so does here one with extensions that cannot be read.
        """
        try:
            value = self._extensions().get(_BASIC_CONSTRAINTS)
            said = [] if value is None else list(children(first(value, SEQUENCE)))
        except ValueError:
            return True
        return not self._has_version_3 or said[:1] not in ([], [(BOOLEAN, b"\0")])

    @property
    def has_rsa_key(self) -> bool:
        """Whether its key is one of RSA (RFC 3279, 2.3.1)."""
        try:
            algorithm = first(self._fields[5][1], SEQUENCE)
            return next(children(algorithm), None) == (OBJECT_IDENTIFIER, _RSA)
        except (IndexError, ValueError):
            return False

    def check(self) -> None:
        """Raises Problem where this is no X.509 certificate, as far as its validity can be found."""
        _validity = self._validity

    @functools.cached_property
    def _validity(self) -> tuple[dt.datetime, dt.datetime]:
        try:
            tag, validity = self._fields[3]
            if tag != SEQUENCE:
                raise Problem("not an X.509 certificate")
            before, after = [_time(*item) for item in children(validity)]
            return before, after
        except (IndexError, ValueError) as exc:
            raise Problem("not an X.509 certificate") from exc

    @functools.cached_property
    def _fields(self) -> list[tuple[int, bytes]]:
        """RFC 5280, 4.1: serial, algorithm, issuer, validity, subject, key, extensions. Raises ValueError."""
        return self._signed[1:] if self._signed[:1] and self._signed[0][0] == CONTEXT_0 else self._signed

    @functools.cached_property
    def _signed(self) -> list[tuple[int, bytes]]:
        """The fields with the version before them, which may be missing. Raises ValueError."""
        return list(children(first(first(self.der, SEQUENCE), SEQUENCE)))

    @property
    def _has_version_3(self) -> bool:
        return self._signed[:1] == [(CONTEXT_0, _VERSION_3)]

    def _extensions(self) -> dict[bytes, bytes]:
        """Object identifier -> value. Raises ValueError."""
        found = {}
        for tag, value in self._fields[5:]:
            if tag == CONTEXT_3:
                for _sequence, extension in children(first(value, SEQUENCE)):
                    parts = list(children(extension))
                    if len(parts) < 2 or parts[0][0] != OBJECT_IDENTIFIER:
                        raise ValueError("no extension")
                    found[parts[0][1]] = parts[-1][1]
        return found


def read_certificates(content: bytes) -> list[Certificate]:
    """Every certificate, in the file's order, of a PEM text or a DER file.

    A PEM text may hold a chain, PKCS#7 blocks, and any text between; a DER file one certificate, or PKCS#7.
    Raises Problem.
    """
    if len(content) > SIZE_LIMIT:
        raise Problem(f"it has more than {SIZE_LIMIT} bytes")
    blocks = _pem_blocks(content)
    if any(b"PRIVATE KEY" in label for label, _body in blocks):
        raise Problem("it holds a private key, which must not go into a truststore")
    found = []
    for label, body in blocks:
        if label in _CERTIFICATE_LABELS + _PKCS7_LABELS:
            found += _read_block(body)
    if not blocks and content[:1] == bytes([SEQUENCE]):
        found = _read_binary(content)
    if not found:
        raise Problem("it holds no X.509 certificate in PEM, DER or PKCS#7 form")
    for certificate in found:
        certificate.check()
    return found


def _pem_blocks(content: bytes) -> list[tuple[bytes, bytes | None]]:
    """Label and body of each block, by one pass; None as the body of one that does not end."""
    blocks: list[tuple[bytes, bytes | None]] = []
    begun: re.Match[bytes] | None = None
    for line in _PEM_LINE.finditer(content):
        kind, label = line.groups()
        if kind == b"BEGIN":
            if begun is not None:
                blocks.append((begun.group(2), None))
            begun = line
        elif begun is not None and begun.group(2) == label:
            blocks.append((label, content[begun.end() : line.start()]))
            begun = None
    if begun is not None:
        blocks.append((begun.group(2), None))
    return blocks


def _read_block(body: bytes | None) -> list[Certificate]:
    if body is None:
        raise Problem("a PEM block in it is damaged, it has no end")
    try:
        return _read_binary(binascii.a2b_base64(body))
    except binascii.Error as exc:
        raise Problem("a PEM block in it is damaged") from exc


def _read_binary(content: bytes) -> list[Certificate]:
    """What begins with a type is PKCS#7; the first element of a certificate is a sequence."""
    try:
        inner = first(content, SEQUENCE)
        if inner[:1] == bytes([OBJECT_IDENTIFIER]):
            return [Certificate(item) for item in _signed_data_certificates(inner)]
        # OpenSSL's trusted form has settings behind the certificate, a file may end in a line break.
        return [Certificate(first_whole(content))]
    except ValueError as exc:
        raise Problem("not an X.509 certificate") from exc


def _signed_data_certificates(content_info: bytes) -> list[bytes]:
    """The certificates of PKCS#7, in DER; others than X.509 ones have tags of their own and are left out.

    RFC 5652, 3 and 5.1: type, [0] SignedData > version, algorithms, content, [0] certificates.
    """
    parts = list(children(content_info))
    if len(parts) < 2:
        raise ValueError("no content")
    if parts[0][1] != _SIGNED_DATA:
        raise Problem("PKCS#7 of another kind than signed data, which is the one that carries certificates")
    fields = children(first(parts[1][1], SEQUENCE))
    sets = [value for tag, value in fields if tag == CONTEXT_0]
    return [
        encode(tag, value)
        for certificates in sets
        for tag, value in children(certificates)
        if tag == SEQUENCE
    ]


def _attribute(attribute: bytes) -> str:
    """One part of a name as Java's X500Name shows it, ``CN=localhost``."""
    (_type_tag, kind), (tag, value) = list(children(attribute))
    text = printable(value.decode(_ENCODINGS.get(tag, "utf-8"), "replace"))
    if _QUOTED.search(text):
        text = '"' + re.sub(r'([\\"])', r"\\\1", text) + '"'
    return f"{_KEYWORDS.get(kind, f'OID.{_dotted(kind)}')}={text}"


def _dotted(identifier: bytes) -> str:
    """An object identifier as text (X.690, 8.19)."""
    numbers, number = [], 0
    for byte in identifier:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(number)
            number = 0
    first_two = min(numbers[0] // 40, 2)
    return ".".join(str(each) for each in [first_two, numbers[0] - 40 * first_two, *numbers[1:]])


def _common_name(attribute: bytes) -> str | None:
    (_type_tag, kind), (tag, value) = list(children(attribute))
    if kind != _COMMON_NAME:
        return None
    return printable(value.decode(_ENCODINGS.get(tag, "utf-8"), "replace"))


def _general_name(tag: int, value: bytes) -> t.Iterator[str]:
    """The name as text; none for other kinds, and for an address of no known length."""
    if tag == _DNS_NAME:
        yield printable(value.decode("ascii", "backslashreplace"))
    elif tag == _IP_ADDRESS and len(value) in (4, 16):
        yield str(ipaddress.ip_address(value))


def _time(tag: int, value: bytes) -> dt.datetime:
    """RFC 5280, 4.1.2.5: UTCTime means 1950 to 2049, GeneralizedTime has four digits."""
    text = value.decode("ascii")
    if tag == UTC_TIME:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif tag != GENERALIZED_TIME:
        raise ValueError("unexpected tag")
    return dt.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=dt.timezone.utc)
