"""The certificate or key set that tokens are verified with: what is taken, what is refused, what is the same."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.compare import equal
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.token_certificate import api_form
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.certificates import authority as made_authority
from support.certificates import issued, rsa_signed, self_signed

ONE, OTHER = rsa_signed(), rsa_signed("other")
CA = made_authority("a CA")
PEM = ONE.pem.strip()
STORED = base64.b64encode(PEM.encode()).decode()
FORMS = {
    "as it is": ONE.pem,
    "line ends of Windows": ONE.pem.replace("\n", "\r\n"),
    "text before it": f"subject=CN = localhost\n0 of 1\n{ONE.pem}",
    "text behind it": f"{ONE.pem}\nthe end",
    "another behind it": ONE.pem + OTHER.pem,
    "the API's own form": STORED,
    "the API's own form, in lines": "\n".join(STORED[at : at + 64] for at in range(0, len(STORED), 64)),
    "the API's own form of a chain": base64.b64encode((ONE.pem + OTHER.pem).encode()).decode(),
    "DER in base64": base64.b64encode(ONE.der).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_certificate_in_any_form_is_sent_as_its_pem_in_base64_and_is_the_same(form: str) -> None:
    given = {"type": "PEM", "value": FORMS[form]}
    assert api_form(given) == {"type": "PEM", "value": STORED}
    assert equal(given, {"type": "PEM", "value": STORED}, "certificates")
    assert not equal(given, api_form({"type": "PEM", "value": OTHER.pem}), "certificates")


LEAF = issued(CA)
REFUSED = {
    "empty": ("PEM", "", "is no PEM certificate"),
    "some text": ("PEM", "no certificate at all", "is no PEM certificate"),
    "cut off": ("PEM", ONE.pem[:-60], "is no PEM certificate"),
    "damaged": ("PEM", ONE.pem[:40] + ONE.pem[60:], "is no PEM certificate"),
    "a public key first": (
        "PEM",
        f"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n{ONE.pem}",
        "it begins with a PUBLIC KEY",
    ),
    "a key of another kind": ("PEM", self_signed().pem, "has no RSA key, and API Manager's gateway verifies"),
    "a key of another kind before one of RSA": ("PEM", self_signed().pem + ONE.pem, "has no RSA key"),
    "encoded twice": ("PEM", base64.b64encode(STORED.encode()).decode(), "is no PEM certificate"),
    "a private key": ("PEM", ONE.key_pem, "holds a private key; give the certificate alone"),
    "with its private key": ("PEM", LEAF.pem + LEAF.key_pem, "holds a private key"),
    "with its private key, in base64": (
        "PEM",
        base64.b64encode((ONE.pem + ONE.key_pem).encode()).decode(),
        "holds a private key",
    ),
    "a certificate as JWKS": (
        "JWKS",
        ONE.pem,
        "is no http or https URL, as type JWKS wants one; say type PEM",
    ),
    "a path as JWKS": ("JWKS", "/oauth2/jwks", "is no http or https URL"),
    "another scheme": ("JWKS", "ftp://is7/jwks", "is no http or https URL"),
    "no host": ("JWKS", "https:///oauth2/jwks", "is no http or https URL"),
    "a blank in it": ("JWKS", "https://is7 .example/jwks", "is no http or https URL"),
    "no port": ("JWKS", "https://is7:port/jwks", "is no http or https URL"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_gateway_could_not_use_is_refused_and_never_repeated(case: str) -> None:
    kind, value, sentence = REFUSED[case]
    with pytest.raises(Problem) as refused:
        api_form({"type": kind, "value": value})
    assert sentence in str(refused.value)
    for line in ONE.key_pem.splitlines()[1:-1] + ONE.pem.splitlines()[1:-1]:
        assert line not in str(refused.value)


@pytest.mark.parametrize(
    "value", ["http://is7:9763/jwks", " HTTPS://is7/oauth2/jwks ", "https://[::1]:9444/jwks"]
)
def test_a_key_set_is_a_url(value: str) -> None:
    assert api_form({"type": "JWKS", "value": value}) == {"type": "JWKS", "value": value.strip()}
