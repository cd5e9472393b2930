"""Whatever bytes a stranger gives as a certificate or store: read, or refused by a Problem, and soon."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import (
    Certificate,
    read_certificates,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.jks import trusted_jks
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.store import is_unprotected, store_type
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from support.certificates import authority, self_signed
from support.stores import BASE, PASSWORD, invisible_to_java

INPUTS = 10_000
SECONDS = 10  # each; 2 to 3 measured
PAIRS = [self_signed("one"), authority("two")]


def read(content: bytes) -> None:
    """All that is ever asked of a certificate."""
    try:
        found = read_certificates(content)
    except Problem as exc:
        assert "\n" not in str(exc)
        return
    for certificate in found:
        shown = [certificate.common_name or "", *certificate.names]
        assert not any(character in text for text in shown for character in "\x1b\n\r\x9b\u202e")
        assert certificate.is_ca in (True, False)
        assert certificate.not_before.tzinfo is certificate.not_after.tzinfo is not None


def look(content: bytes) -> None:
    kind = store_type(content)
    assert kind in ("JKS", "JCEKS", "PKCS12", None)
    assert is_unprotected(content) in ((True, False) if kind == "PKCS12" else (False,))


def pkcs7_of(pairs: list[bytes]) -> bytes:
    return pkcs7.serialize_certificates(
        [x509.load_der_x509_certificate(pair) for pair in pairs], Encoding.DER
    )


DERS = [pair.der for pair in PAIRS]
# What is read -> by what, and well-formed examples.
KINDS: dict[str, tuple[Callable[[bytes], None], list[bytes]]] = {
    "DER": (read, DERS),
    "PEM": (read, [PAIRS[0].pem.encode(), (PAIRS[0].pem + "and\n" + PAIRS[1].pem).encode()]),
    "PKCS#7": (read, [pkcs7_of(DERS), pkcs7_of(DERS[:1])]),
    "stores": (
        look,
        [trusted_jks({"a": Certificate(BASE.der)}, PASSWORD, 0), invisible_to_java(BASE, PASSWORD)],
    ),
}
# Bytes that mean something in DER: lengths of all forms, tags, the end of an open length.
TELLING = b"\x00\x01\x02\x03\x06\x17\x18\x1f\x30\x31\x7f\x80\x81\x82\x83\x84\x85\xa0\xa3\xff-\n"


def changed(content: bytes, dice: random.Random) -> bytes:
    """One to four changes: a byte, a piece taken out or put in twice, a cut, or bytes out of nowhere."""
    made = bytearray(content)
    for _change in range(dice.randint(1, 4)):
        at = dice.randrange(len(made) + 1)
        until = min(len(made), at + dice.choice([1, 1, 2, 4, 16, 200]))
        kind = dice.randrange(6)
        if kind == 0:
            made[at:until] = bytes(dice.choice(TELLING) for _byte in made[at:until])
        elif kind == 1:
            made[at : at + 1] = bytes([dice.randrange(256)])
        elif kind == 2:
            del made[at:until]
        elif kind == 3:
            made[at:at] = made[at:until] * dice.choice([1, 1, 3])
        elif kind == 4:
            made[at:at] = bytes(dice.choice(TELLING) for _byte in range(dice.randint(1, 12)))
        elif dice.random() < 0.2:
            del made[at:]
    return bytes(made)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_bytes_are_read_or_refused(kind: str) -> None:
    parse, examples = KINDS[kind]
    dice = random.Random(17)
    begun = time.process_time()
    for number in range(INPUTS):
        parse(changed(examples[number % len(examples)], dice))
    assert time.process_time() - begun < SECONDS
