# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2:

X.509 certificates as bytes: PEM, DER and PKCS#7, fingerprint, validity. Pure, standard library only.
"""

from __future__ import annotations

import binascii
import dataclasses
import datetime as dt
import hashlib
import re
import ssl
import typing as t

from .._problem import Problem

SIZE_LIMIT = 1 << 20  # bytes of a file with certificates
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.DOTALL)
_CERTIFICATE_LABELS = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_PKCS7_LABELS = (b"PKCS7", b"CMS")
_SEQUENCE, _CONTEXT_0, _OBJECT_IDENTIFIER, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x06, 0x17, 0x18
_OPEN_LENGTH, _END_OF_CONTENTS = 0x80, b"\0\0"
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")


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
        return self._validity()[0]

    @property
    def not_after(self) -> dt.datetime:
        return self._validity()[1]

    def _validity(self) -> tuple[dt.datetime, dt.datetime]:
        """RFC 5280, 4.1: Certificate > tbsCertificate > [0] version, serial, algorithm, issuer, validity."""
        try:
            fields = list(_children(_only(_only(self.der, _SEQUENCE), _SEQUENCE)))
            if fields[0][0] == _CONTEXT_0:
                fields = fields[1:]
            tag, validity = fields[3]
            if tag != _SEQUENCE:
                raise Problem("not an X.509 certificate")
            before, after = [_time(*item) for item in _children(validity)]
            return before, after
        except (IndexError, ValueError) as exc:
            raise Problem("not an X.509 certificate") from exc


def read_certificates(content: bytes) -> list[Certificate]:
    """Every certificate of a PEM text (a chain, PKCS#7 blocks, any text between) or of a DER file (one, or
    PKCS#7), in the file's order.
    """
    blocks = _PEM.findall(content)
    if any(b"PRIVATE KEY" in label for label, body in blocks):
        raise Problem("it holds a private key, which must not go into a truststore")
    found = []
    for label, body in blocks:
        if label in _CERTIFICATE_LABELS + _PKCS7_LABELS:
            try:
                found += _read_binary(binascii.a2b_base64(body))
            except binascii.Error as exc:
                raise Problem("a PEM block in it is damaged") from exc
    if not blocks and content[:1] == bytes([_SEQUENCE]):
        found = _read_binary(content)
    if not found:
        raise Problem("it holds no X.509 certificate in PEM, DER or PKCS#7 form")
    for certificate in found:
        certificate.not_after  # noqa: B018  # reads it, so that nothing else gets through
    return found


def _read_binary(content: bytes) -> list[Certificate]:
    """What begins with a type is PKCS#7; the first element of a certificate is a sequence."""
    try:
        inner = _only(content, _SEQUENCE)
        if inner[:1] == bytes([_OBJECT_IDENTIFIER]):
            return [Certificate(item) for item in _signed_data_certificates(inner)]
        # OpenSSL's trusted form has settings behind the certificate, a file may end in a line break.
        return [Certificate(content[: _extent(content, 0)[2]])]
    except (IndexError, ValueError) as exc:
        raise Problem("not an X.509 certificate") from exc


def _signed_data_certificates(content_info: bytes) -> list[bytes]:
    """RFC 5652, 3 and 5.1: type, [0] SignedData > version, algorithms, content, [0] certificates; others than
    X.509 ones have tags of their own.
    """
    (_tag, kind), (_tag, explicit) = list(_children(content_info))[:2]
    if kind != _SIGNED_DATA:
        raise Problem("PKCS#7 of another kind than signed data, which is the one that carries certificates")
    fields = list(_children(_only(explicit, _SEQUENCE)))
    sets = [value for tag, value in fields if tag == _CONTEXT_0]
    return [
        _element(tag, value)
        for certificates in sets
        for tag, value in _children(certificates)
        if tag == _SEQUENCE
    ]


def _element(tag: int, content: bytes) -> bytes:
    """DER, X.690, 8.1: tag, length, content."""
    length = len(content)
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([length]) if length < 0x80 else bytes([0x80 | len(size)]) + size) + content


def count_children(content: bytes) -> int:
    """How many elements the one DER sequence holds. Raises ValueError or IndexError for anything else."""
    return len(list(_children(_only(content, _SEQUENCE))))


def _children(content: bytes) -> t.Iterator[tuple[int, bytes]]:
    """The elements of a constructed value: tag and content.

    BER's open length, which PKCS#7 may have, is allowed.
    """
    at = 0
    while at < len(content):
        start, end, after = _extent(content, at)
        yield content[at], content[start:end]
        at = after


def _extent(content: bytes, at: int) -> tuple[int, int, int]:
    """Where an element's content starts and ends, and where the next element starts.

    X.690, 8.1.3 and 8.1.5.
    """
    start, end = _definite_extent(content, at)
    if content[at + 1] != _OPEN_LENGTH:
        return start, end, end
    end, opened = start, 1
    while opened:
        if content[end : end + 2] == _END_OF_CONTENTS:
            opened, end = opened - 1, end + 2
        elif content[end + 1] == _OPEN_LENGTH:
            opened, end = opened + 1, end + 2
        else:
            end = _definite_extent(content, end)[1]
    return start, end - 2, end


def _definite_extent(content: bytes, at: int) -> tuple[int, int]:
    length, start = content[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(content[start : start + size], "big")
        start += size
    if start + length > len(content):
        raise ValueError("cut off")
    return start, start + length


def _only(content: bytes, wanted: int) -> bytes:
    tag, inner = next(_children(content), (None, b""))
    if tag != wanted:
        raise ValueError("unexpected tag")
    return inner


def _time(tag: int, value: bytes) -> dt.datetime:
    """RFC 5280, 4.1.2.5: UTCTime means 1950 to 2049, GeneralizedTime has four digits."""
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError("unexpected tag")
    return dt.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=dt.timezone.utc)
