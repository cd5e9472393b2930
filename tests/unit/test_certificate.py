"""Certificates as bytes: PEM, DER and PKCS#7, fingerprint, validity, and everything that is none."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import (
    SIZE_LIMIT,
    Certificate,
    read_certificates,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.cases import Happened
from support.certificates import Pair, self_signed

ONE, TWO = self_signed("one"), self_signed("two", (-3000, -2000))
CENTURY_DAYS = (dt.datetime(2060, 1, 1, tzinfo=dt.UTC) - dt.datetime.now(dt.UTC)).days
PIECES = ("subject=CN = one\n", "\n", "Bag Attributes\n    friendlyName: x\n", "# -----\n", "\r\n")


def fingerprint(pair: Pair) -> str:
    return x509.load_der_x509_certificate(pair.der).fingerprint(hashes.SHA256()).hex()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([ONE, TWO])), min_size=1, max_size=4),
    st.sampled_from(PIECES),
    st.booleans(),
)
def test_a_chain_is_read_in_its_order_whatever_stands_between(
    chain: list[tuple[str, Pair]], tail: str, windows: bool
) -> None:
    text = "".join(before + pair.pem for before, pair in chain) + tail
    content = text.replace("\n", "\r\n").encode() if windows else text.encode()
    found = read_certificates(content)
    assert [item.der for item in found] == [pair.der for _before, pair in chain]
    assert [item.sha256 for item in found] == [fingerprint(pair) for _before, pair in chain]


@pytest.mark.parametrize("pair", [ONE, TWO], ids=["valid", "expired"])
def test_der_pem_and_the_pem_made_from_it_are_one_certificate(pair: Pair) -> None:
    (from_der,) = read_certificates(pair.der)
    assert [from_der] == read_certificates(pair.pem.encode()) == read_certificates(from_der.pem.encode())
    assert from_der.sha256 == fingerprint(pair)


@pytest.mark.parametrize(
    "days",
    [(-1, 30), (-27000, -9000), (-1, CENTURY_DAYS), (CENTURY_DAYS, CENTURY_DAYS + 30000), (-1, 2900000)],
)
def test_the_validity_is_that_of_the_certificate_in_each_of_both_time_forms(days: tuple[int, int]) -> None:
    pair = self_signed(days=days)
    (found,) = read_certificates(pair.der)
    assert (found.not_before, found.not_after) == (pair.not_before, pair.not_after)


@pytest.mark.parametrize(
    "text", [ONE.key_pem, ONE.pem + ONE.key_pem, ONE.key_pem.replace("PRIVATE", "EC PRIVATE") + ONE.pem]
)
def test_a_private_key_is_refused_wherever_it_stands(text: str) -> None:
    with pytest.raises(Problem, match="holds a private key"):
        read_certificates(text.encode())


DAMAGED = {
    "a character lost": ONE.pem.replace("MII", "MI", 1),
    "a line lost": "\n".join(ONE.pem.splitlines()[:2] + ONE.pem.splitlines()[3:]),
    "cut off": ONE.pem[:200],
    "no end": ONE.pem.replace("END", "EMD"),
    "another block": ONE.pem.replace("CERTIFICATE", "PUBLIC KEY"),
    "the second of a chain": ONE.pem + TWO.pem.replace("MII", "AAA", 1),
    "nothing": "",
    "a page": "<html>Not Found</html>",
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_damaged_or_missing_certificates_are_refused(text: str) -> None:
    with pytest.raises(Problem, match=r"damaged|no X.509 certificate|not an X.509"):
        read_certificates(text.encode())


def _read_or_refuse(content: bytes) -> None:
    try:
        found = read_certificates(content)
    except Problem:
        return
    assert found
    for item in found:
        assert item.not_before.tzinfo is item.not_after.tzinfo is dt.UTC
        assert re.fullmatch("[0-9a-f]{64}", item.sha256)


@pytest.mark.parametrize(
    "content",
    [
        b"0",
        b"0\x82",
        b"0\x02\x30\x05",
        b"0\x84\xff\xff\xff\xff",
        b"0\x02\x30\x00",
        b"0\x02\x30\x00x",
        ONE.der[::-1],
    ],
)
def test_a_few_bytes_that_begin_like_a_certificate_are_refused(content: bytes) -> None:
    with pytest.raises(Problem):
        read_certificates(content)


@pytest.mark.parametrize("content", [b"0\x00", b"-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----"])
def test_an_empty_certificate_is_refused(content: bytes) -> None:
    with pytest.raises(Problem):
        read_certificates(content)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=60).map(lambda tail: b"0" + tail),
        st.binary(max_size=60).map(lambda tail: b"0\x82\x00\x10" + tail),
    )
)
@example(b"0\x00")
def test_arbitrary_bytes_are_certificates_or_refused(content: bytes) -> None:
    _read_or_refuse(content)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, len(ONE.der) - 1))
def test_a_certificate_cut_off_is_refused(length: int) -> None:
    with pytest.raises(Problem):
        read_certificates(ONE.der[:length])


@example([(1, 128)])
@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(ONE.der) - 1), st.integers(1, 255)), min_size=1, max_size=3))
def test_a_certificate_with_other_bytes_in_it_is_read_or_refused(changed: list[tuple[int, int]]) -> None:
    content = bytearray(ONE.der)
    for at, byte in changed:
        content[at] = byte
    _read_or_refuse(bytes(content))


def test_the_fingerprint_of_openssls_trusted_certificate_is_the_certificates() -> None:
    made = subprocess.run(
        ["openssl", "x509", "-trustout", "-setalias", "x"],
        input=ONE.pem,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "TRUSTED CERTIFICATE" in made.stdout
    assert [item.sha256 for item in read_certificates(made.stdout.encode())] == [fingerprint(ONE)]


def test_bytes_behind_a_der_certificate_are_no_part_of_it() -> None:
    assert [item.sha256 for item in read_certificates(ONE.der + b"\n")] == [fingerprint(ONE)]


def bundle(pairs: list[Pair], encoding: serialization.Encoding) -> bytes:
    return pkcs7.serialize_certificates(
        [x509.load_der_x509_certificate(pair.der) for pair in pairs], encoding
    )


def openssl(*arguments: str, content: bytes) -> bytes:
    return subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=True).stdout


def open_length(content: bytes) -> bytes:
    """Each element in BER's open length that has one in RFC 5652's outer layers."""
    (inner,) = [value for tag, value in elements(content)]
    kind, explicit = elements(inner)
    (signed,) = elements(explicit[1])
    parts = [
        b"\xa0\x80" + value + b"\0\0" if tag == 0xA0 else der(tag, value)
        for tag, value in elements(signed[1])
    ]
    return b"0\x80" + der(*kind) + b"\xa0\x80" + b"0\x80" + b"".join(parts) + b"\0\0" * 3


def elements(content: bytes) -> list[tuple[int, bytes]]:
    found = []
    while content:
        size = content[1] & 0x7F if content[1] & 0x80 else 0
        length = int.from_bytes(content[2 : 2 + size], "big") if size else content[1]
        found.append((content[0], content[2 + size : 2 + size + length]))
        content = content[2 + size + length :]
    return found


def der(tag: int, value: bytes) -> bytes:
    size = b"" if len(value) < 0x80 else len(value).to_bytes(3, "big")
    return bytes([tag, 0x83 if size else len(value)]) + size + value


# How a CA may send it -> the bytes made of PKCS#7 in DER and in PEM.
WRAPPINGS = {
    "DER": lambda binary, text: binary,
    "DER with a line break behind": lambda binary, text: binary + b"\r\n",
    "BER with open lengths": lambda binary, text: open_length(binary),
    "PEM": lambda binary, text: text,
    "PEM with Windows line ends": lambda binary, text: text.replace(b"\n", b"\r\n"),
    "PEM with text before and after": lambda binary, text: b"Dear customer,\n-- \n" + text + b"\nYour CA\n",
    "PEM with trailing and leading blanks": lambda binary, text: b"\n".join(
        b"  " + line + b" \t" for line in text.splitlines()
    ),
    "PEM with a byte order mark": lambda binary, text: b"\xef\xbb\xbf" + text,
    "PEM labelled CMS": lambda binary, text: text.replace(b"PKCS7", b"CMS"),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_certificate_of_pkcs7_is_read_in_its_order(happened: Happened, wrapping: str) -> None:
    pairs = [ONE, TWO, self_signed("three")]
    binary, text = (
        bundle(pairs, encoding) for encoding in (serialization.Encoding.DER, serialization.Encoding.PEM)
    )
    found = [item.sha256 for item in read_certificates(WRAPPINGS[wrapping](binary, text))]
    assert sorted(found) == sorted(map(fingerprint, pairs))
    printed = openssl("pkcs7", "-inform", "DER", "-print_certs", content=binary)
    assert found == [item.sha256 for item in read_certificates(printed)]
    happened("truststore_cert", f"PKCS#7: {wrapping}", f"{len(found)} certificates read, in the file's order")


def test_a_revocation_list_and_signatures_beside_the_certificates_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "one.pem").write_text(ONE.pem)
    (tmp_path / "one.key").write_text(ONE.key_pem)
    signed = openssl(
        "cms",
        "-sign",
        "-indef",
        "-nodetach",
        "-signer",
        f"{tmp_path}/one.pem",
        "-inkey",
        f"{tmp_path}/one.key",
        "-outform",
        "DER",
        content=b"x",
    )
    assert signed[1] == 0x80, "open lengths were to be tested"
    assert [item.sha256 for item in read_certificates(signed)] == [fingerprint(ONE)]


def test_what_is_no_x509_certificate_among_them_is_left_out() -> None:
    whole, attribute_certificate = bundle([ONE], serialization.Encoding.DER), der(0xA1, b"\x02\x01\x00")
    content = open_length(whole).replace(ONE.der, attribute_certificate + ONE.der)
    assert [item.sha256 for item in read_certificates(content)] == [fingerprint(ONE)]


def test_pkcs7_without_certificates_is_refused() -> None:
    with pytest.raises(Problem, match=r"no X\.509 certificate"):
        read_certificates(openssl("crl2pkcs7", "-nocrl", "-outform", "DER", content=b""))
    data = openssl("cms", "-data_create", "-outform", "DER", content=b"x")
    with pytest.raises(Problem, match="PKCS#7 of another kind than signed data"):
        read_certificates(data)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([ONE, TWO]), min_size=1, max_size=5), st.data())
def test_pkcs7_cut_off_is_refused(pairs: list[Pair], data: st.DataObject) -> None:
    whole = bundle(pairs, serialization.Encoding.DER)
    for content in (whole, open_length(whole)):
        with pytest.raises(Problem):
            read_certificates(content[: data.draw(st.integers(0, len(content) - 1))])


@pytest.mark.parametrize(
    "content", [b"0\x80" * 5000, b"0\x80" + b"\x06\x00" * 5000, b"0\x80\x06\x09" + b"\0" * 9]
)
def test_open_lengths_without_an_end_are_refused(content: bytes) -> None:
    with pytest.raises(Problem):
        read_certificates(content)


def made(
    names: list[x509.GeneralName] | None = None,
    constraints: x509.BasicConstraints | None = None,
    subject: list[x509.NameAttribute[str]] | None = None,
) -> Certificate:
    """A certificate with just these extensions and this subject."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    name = x509.Name(subject if subject is not None else [x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    for value in (x509.SubjectAlternativeName(names) if names else None, constraints):
        if value is not None:
            builder = builder.add_extension(value, critical=False)
    return Certificate(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


def test_the_names_are_those_of_the_subject_alternative_name() -> None:
    names: list[x509.GeneralName] = [
        x509.DNSName("is.example.com"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
        x509.RFC822Name("someone@example.com"),
        x509.UniformResourceIdentifier("https://example.com"),
        x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other")])),
        x509.DNSName("*.example.com"),
        x509.IPAddress(ipaddress.ip_address("2001:db8::7")),
    ]
    assert made(names).names == ["is.example.com", "192.0.2.7", "*.example.com", "2001:db8::7"]
    assert made().names == []


def test_the_common_name_is_the_subjects_last_one() -> None:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "example")
    first, last = (x509.NameAttribute(NameOID.COMMON_NAME, text) for text in ("first", "größe 日本"))
    assert made(subject=[organization, first, last, organization]).common_name == "größe 日本"
    assert made(subject=[organization]).common_name is None
    assert made(subject=[]).common_name is None
    wide = x509.NameAttribute(NameOID.COMMON_NAME, "größe", _ASN1Type.BMPString)
    assert made(subject=[wide]).common_name == "größe"


def test_names_out_of_a_certificate_do_not_steer_a_terminal() -> None:
    certificate = made(
        [x509.DNSName("a\x1b[2J")], subject=[x509.NameAttribute(NameOID.COMMON_NAME, "\u202ex\n")]
    )
    assert certificate.names == [r"a\x1b[2J"]
    assert certificate.common_name == r"\u202ex\n"


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.BasicConstraints(ca=False, path_length=None), False),
        (None, False),
    ],
)
def test_a_ca_is_known_by_its_basic_constraints(
    constraints: x509.BasicConstraints | None, expected: bool
) -> None:
    assert made(constraints=constraints).is_ca is expected
    assert made([x509.DNSName("x")], constraints).is_ca is expected


def test_extensions_that_cannot_be_read_count_as_those_of_a_ca_and_name_nobody() -> None:
    whole = made([x509.DNSName("x")], x509.BasicConstraints(ca=False, path_length=None))
    at = whole.der.index(b"\x55\x1d\x13") - 2
    broken = Certificate(whole.der[:at] + b"\x05" + whole.der[at + 1 :])
    assert (whole.is_ca, whole.names, broken.is_ca, broken.names) == (False, ["x"], True, [])


def test_a_certificate_before_version_3_counts_as_a_ca(tmp_path: Path) -> None:
    request = [
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=old",
    ]
    asked = openssl(*request, "-keyout", f"{tmp_path}/key", content=b"")
    signed = openssl(
        "x509", "-req", "-signkey", f"{tmp_path}/key", "-days", "9", "-outform", "DER", content=asked
    )
    assert x509.load_der_x509_certificate(signed).version is x509.Version.v1
    (found,) = read_certificates(signed)
    assert (found.is_ca, found.names, found.common_name) == (True, [], "old")


BEGIN = b"-----BEGIN CERTIFICATE-----\n"
# What takes long where reading is not linear, repeated up to 1 MiB.
LONG = {
    "blocks without an end": BEGIN,
    "blocks within each other": b"-----BEGIN CERTIFICATE-----\n-----BEGIN X-----\n",
    "ends without a block": b"-----END CERTIFICATE-----\n",
    "half a line": b"-----BEGIN ",
    "an endless label": b"-----BEGIN " + b"A" * 1000,
    "hyphens": b"-",
    "blocks of nothing": BEGIN + b"-----END CERTIFICATE-----\n",
    "open lengths": b"0\x80",
    "open lengths with elements": b"0\x80\x06\x00",
    "open lengths side by side": b"0\x80\0\0",
    "lengths beyond the end": b"0\x84\x00\x0f\xff\xff",
    "the smallest elements": b"0\x00",
}


@pytest.mark.parametrize("name", LONG)
def test_reading_takes_time_in_proportion_to_the_size(name: str) -> None:
    piece = LONG[name]
    text = (piece * (SIZE_LIMIT // len(piece)))[: SIZE_LIMIT - 16]
    inner = der(0x30, text) if piece[:1] == b"0" else text
    begun = time.process_time()
    for content in (text, inner, b"0\x80" + text):
        with pytest.raises(Problem):
            read_certificates(content)
    assert time.process_time() - begun < 4


def test_more_than_a_mebibyte_is_not_read() -> None:
    with pytest.raises(Problem, match=r"^it has more than 1048576 bytes\.$"):
        read_certificates(b"\n" * (SIZE_LIMIT - len(ONE.pem) + 1) + ONE.pem.encode())
    assert read_certificates(b"\n" * (SIZE_LIMIT - len(ONE.pem)) + ONE.pem.encode())


@pytest.mark.parametrize("text", [ONE.pem + ONE.pem[:200], ONE.pem[:200] + ONE.pem])
def test_a_chain_of_which_one_is_cut_off_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="a PEM block in it is damaged, it has no end"):
        read_certificates(text.encode())


def test_the_issuer_is_as_identity_server_compares_it() -> None:
    """Java's text of it: `keytool -printcert` says the same, in the order of the certificate."""
    attributes = [
        (NameOID.COUNTRY_NAME, "US"),
        (NameOID.STATE_OR_PROVINCE_NAME, "CA"),
        (NameOID.LOCALITY_NAME, "Mountain View"),
        (NameOID.ORGANIZATION_NAME, "WSO2, Inc."),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, 'the "unit"'),
        (NameOID.EMAIL_ADDRESS, "ca@example.com"),
        (NameOID.PSEUDONYM, "x"),
        (NameOID.COMMON_NAME, "größe"),
    ]
    found = made(subject=[x509.NameAttribute(kind, text) for kind, text in attributes])
    assert found.issuer == (
        'C=US, CN=größe, EMAILADDRESS=ca@example.com, Inc.", L=Mountain View, O="WSO2, OID.2.5.4.65=x,'
        ' OU="the \\"unit\\"", ST=CA'
    )
    assert found.thumbprint == ":".join(re.findall("..", found.sha256.upper()))
    assert made(subject=[]).issuer == ""
