"""Who signed a token: each algorithm, JWKS and certificate, the right key and another one, and forgeries."""

from __future__ import annotations

import hmac
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._is7 import signature
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.jwt import Jwt, read_jwt
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.signature import (
    keys_of_jwks,
    keys_of_pem,
    verify,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import ALGORITHMS, OTHER_ALGORITHMS, Signer, encoded, stored_pem

CLAIMS = {"iss": "https://is7/oauth2/token", "azp": "client"}
WHOSE = "at https://is7/jwks"


def jwt_of(token: str) -> Jwt:
    jwt = read_jwt(token)
    assert jwt is not None
    return jwt


def signer_of(token: str, *jwks: dict[str, Any]) -> str | None:
    return verify(jwt_of(token), keys_of_jwks({"keys": list(jwks)}), WHOSE)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_key_of_a_jwks_verifies_and_another_of_its_name_does_not(algorithm: str) -> None:
    right, other = Signer(algorithm), Signer(algorithm, number=1)
    token = right.sign(CLAIMS)
    assert signer_of(token, other.jwk(kid="two"), right.jwk()) == "one"
    with pytest.raises(Problem, match=f"not signed by the key {WHOSE}"):
        signer_of(token, other.jwk())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_bit_of_claims_or_signature_makes_it_another_token(algorithm: str) -> None:
    signer = Signer(algorithm)
    head, _claims, signed = signer.sign(CLAIMS).split(".")
    forged = f"{head}.{encoded({**CLAIMS, 'azp': 'other'})}.{signed}"
    for token in (forged, f"{head}.{_claims}.{signed[:-6]}AAAAAA", f"{head}.{_claims}."):
        with pytest.raises(Problem, match="not signed by"):
            signer_of(token, signer.jwk())


def test_keys_are_rotated_between_two_runs() -> None:
    old, new = Signer(key_id="2025"), Signer(key_id="2026", number=1)
    assert signer_of(old.sign(CLAIMS), old.jwk()) == "2025"
    assert signer_of(new.sign(CLAIMS), old.jwk(), new.jwk()) == "2026"
    with pytest.raises(Problem, match=f"None of the 1 keys {WHOSE} is the token's, '2025'"):
        signer_of(old.sign(CLAIMS), new.jwk())


def test_a_token_that_names_no_key_is_tried_with_all_that_fit() -> None:
    first, second = Signer(key_id="a"), Signer(key_id="b", number=1)
    token = second.sign(CLAIMS, kid=None)
    assert signer_of(token, Signer("ES256").jwk(), first.jwk(), second.jwk()) == "b"
    with pytest.raises(Problem, match=f"not signed by any of the 2 keys {WHOSE}"):
        signer_of(token, first.jwk(), Signer(key_id="c", number=2).jwk())


def test_a_key_is_taken_only_for_what_it_is_for() -> None:
    signer = Signer()
    token = signer.sign(CLAIMS)
    for jwk in (signer.jwk(use="enc"), signer.jwk(alg="RS512"), signer.jwk(kty="EC"), {"kid": "one"}):
        with pytest.raises(Problem, match=r"keys at|No key at"):
            signer_of(token, jwk)
    unsaid = signer.jwk(alg=None, use=None)
    assert signer_of(token, unsaid) == "one"


@pytest.mark.parametrize("pem", ["{pem}", "\r\nsome text\r\n{pem}", "{pem}{other}"])
def test_the_first_certificate_verifies_whatever_the_token_calls_its_key(pem: str) -> None:
    right, other = Signer(), Signer(number=1)
    text = pem.replace("{pem}", right.certificate()).replace("{other}", other.certificate())
    keys = keys_of_pem(stored_pem(text))
    assert verify(jwt_of(right.sign(CLAIMS)), keys, "of the certificate") == "of the certificate"
    with pytest.raises(Problem, match=r"not signed by the key of the certificate"):
        verify(jwt_of(other.sign(CLAIMS)), keys, "of the certificate")


def test_a_certificate_of_another_kind_of_key_has_signed_nothing() -> None:
    keys = keys_of_pem(stored_pem(Signer("ES256").certificate()))
    with pytest.raises(Problem, match="not signed by the key of it"):
        verify(jwt_of(Signer().sign(CLAIMS)), keys, "of it")


@pytest.mark.parametrize("value", ["not base64!", stored_pem("no certificate"), Signer().certificate(), ""])
def test_what_is_no_certificate_as_api_manager_stores_one_is_refused(value: str) -> None:
    with pytest.raises(Problem, match=r"PEM certificate cannot be read: .*give certificates anew"):
        keys_of_pem(value)


@pytest.mark.parametrize("algorithm", ["none", "None", "", None])
def test_an_unsigned_token_is_broken_with_and_without_cryptography(
    algorithm: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = Signer().sign(CLAIMS, alg=algorithm).rpartition(".")[0] + "."
    for installed in (True, False):
        monkeypatch.setattr(signature, "HAS_CRYPTOGRAPHY", installed)
        with pytest.raises(Problem, match=r"is not signed .*so that anybody can make one"):
            signer_of(token, Signer().jwk())


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_token_signed_with_the_public_key_as_a_password_is_broken(algorithm: str) -> None:
    """What fools a library that takes the algorithm from the token."""
    signed = f"{encoded({'alg': algorithm, 'kid': 'one'})}.{encoded(CLAIMS)}"
    secret = Signer().certificate().encode()
    mac = hmac.digest(secret, signed.encode(), f"sha{algorithm[2:]}")
    with pytest.raises(Problem, match=f"signed with {algorithm}, which has no public key"):
        signer_of(f"{signed}.{encoded(mac)}", Signer().jwk())


@pytest.mark.parametrize("algorithm", OTHER_ALGORITHMS)
def test_a_token_that_the_gateway_does_not_verify_is_broken_though_its_key_has_signed_it(
    algorithm: str,
) -> None:
    signer = Signer(algorithm)
    with pytest.raises(
        Problem, match=f"signed with {algorithm}, which API Manager's gateway does not verify"
    ):
        signer_of(signer.sign(CLAIMS), signer.jwk())


def test_without_cryptography_nobody_says_that_it_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signature, "HAS_CRYPTOGRAPHY", False)
    right, other = Signer(), Signer(key_id="two", number=1)
    assert signer_of(other.sign(CLAIMS, kid="one"), right.jwk()) is None
    with pytest.raises(Problem, match="None of the 1 keys"):
        signer_of(right.sign(CLAIMS), other.jwk())


@pytest.mark.parametrize(
    ("member", "value"),
    [("n", ""), ("n", "!"), ("n", None), ("e", encoded(b"\0")), ("n", encoded(b"\1" * 5000)), ("e", 3)],
)
def test_a_key_that_is_none_has_signed_nothing(member: str, value: Any) -> None:
    with pytest.raises(Problem, match="not signed by"):
        signer_of(Signer().sign(CLAIMS), Signer().jwk(**{member: value}))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=4))
def test_the_claims_of_a_token_are_its_payload(payload: dict[str, Any]) -> None:
    assert jwt_of(f"{encoded({'alg': 'RS256'})}.{encoded(payload)}.c2ln").claims == payload


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40).filter(lambda text: text.count(".") != 2))
def test_a_token_without_three_parts_is_opaque(token: str) -> None:
    assert read_jwt(token) is None


@pytest.mark.parametrize("payload", [1, None, [], "text"])
def test_a_jwt_whose_payload_is_no_object_is_broken(payload: Any) -> None:
    with pytest.raises(Problem, match="three parts of a JWT, which cannot be read"):
        read_jwt(f"{encoded({'alg': 'RS256'})}.{encoded(payload)}.c2ln")


@pytest.mark.parametrize("token", ["a.b.c", "..", "e30.e30.=", "e30.e30.a", "e30.e\n30.c2ln"])
def test_three_parts_that_are_no_jwt_are_broken(token: str) -> None:
    with pytest.raises(Problem, match="three parts of a JWT"):
        read_jwt(token)


def test_moments_and_audiences_are_what_they_can_be() -> None:
    def claims(**values: Any) -> Jwt:
        return Jwt({}, values, b"", b"")

    assert [claims(exp=value).moment("exp") for value in (1, 1.5, True, "1", None, 1e300)] == [
        1.0, 1.5, None, None, None, None,
    ]  # fmt: skip
    assert [claims(aud=value).audience for value in ("a", ["a", 1, "b"], None, 3)] == [
        ["a"],
        ["a", "b"],
        [],
        [],
    ]
