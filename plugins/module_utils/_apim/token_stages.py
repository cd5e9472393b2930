# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the stages of a proof that look into tokens as a gateway does. No Ansible
import.
"""

from __future__ import annotations

import time

from .._http.text import told
from .._is7.jwt import Jwt
from .._is7.oauth import jwks
from .._is7.signature import HAS_CRYPTOGRAPHY, Key, keys_of_jwks, keys_of_pem, verify
from .._problem import Problem
from .stages import NEEDS_TOKEN, OK, UNVERIFIED, Context, Finding, Stage

# A gateway's own clock may differ from the key manager's. In seconds.
_CLOCKS = 60
_OPAQUE = Finding(
    UNVERIFIED, "the token is opaque: there is nothing in it, and gateways have to ask introspection"
)
_INSTALL = "install the Python package cryptography where the module runs"


def issuer(context: Context) -> Finding:
    """API Manager finds the key manager of a token by its issuer, letter by letter."""
    found = context.jwts
    expected = context.key_manager.get("issuer")
    for jwt in found.values():
        named = jwt.claims.get("iss")
        if named != expected:
            raise Problem(
                f"The token's issuer is {told(named)}, the key manager's is {told(expected)}, so API Manager"
                " would refuse it",
                advice="correct the key manager, or the server's host name",
            )
    return Finding(OK, told(expected)) if found else _OPAQUE


def signature(context: Context) -> Finding:
    """Whether the key that the key manager names is the one that signed."""
    found = context.jwts
    if not found:
        return _OPAQUE
    certificates = context.key_manager.get("certificates") or {}
    value = certificates.get("value")
    if not isinstance(value, str) or not value:
        return Finding(
            UNVERIFIED, "the key manager names neither a JWKS nor a certificate", "give it certificates"
        )
    keys, whose = _keys(context, certificates.get("type") == "PEM", value)
    names = " and ".join(sorted({str(verify(jwt, keys, whose)) for jwt in found.values()}))
    algorithms = " and ".join(sorted({jwt.algorithm for jwt in found.values()}))
    if not HAS_CRYPTOGRAPHY:
        return Finding(
            UNVERIFIED, f"{algorithms} by the right key's name {whose}, which anybody can write", _INSTALL
        )
    return Finding(OK, f"{algorithms} by the key {told(names, longest=100)} {whose}")


def _keys(context: Context, is_pem: bool, value: str) -> tuple[list[Key], str]:
    """The key manager's keys, and where they are from. Raises Problem."""
    if is_pem:
        return keys_of_pem(value), "of the key manager's certificate"
    document = jwks(context.is7(value), value)
    return keys_of_jwks(document), f"at {told(value)}"


def consumer_key(context: Context) -> Finding:
    """API Manager finds the application of a token by this claim."""
    claim = str(context.key_manager.get("consumerKeyClaim") or "azp")
    found = context.jwts
    for jwt in found.values():
        named = jwt.claims.get(claim)
        if named != context.made_keys().client_id:
            raise Problem(
                f"The token's {told(claim)} is {told(named)}, the client's id is"
                f" {told(context.made_keys().client_id)}, so API Manager would not find the application",
                advice="set consumer_key_claim to the claim that holds the client's id",
            )
    return Finding(OK, f"{told(claim)} is the client's id") if found else _OPAQUE


def lifetime(context: Context) -> Finding:
    """Whether the tokens are for this client, and good by API Manager's own clock."""
    found = context.jwts
    if not found:
        return _OPAQUE
    now = time.time() + (context.apim.clock_ahead or 0)
    for jwt in found.values():
        _refuse_untimely(jwt, now)
    clocks = f"the servers' clocks differ by {_difference(context)}"
    audiences = sorted({name for jwt in found.values() for name in jwt.audience})
    for_whom = told(", ".join(audiences) or "nobody in particular", longest=200)
    left = min(round((jwt.moment("exp") or now) - now) for jwt in found.values())
    seen = f"for {for_whom}, {left} s left, {clocks}"
    if audiences and context.made_keys().client_id not in audiences:
        return Finding(
            UNVERIFIED, seen, "see that what is called takes this audience: it is not the client's id"
        )
    return Finding(OK, seen)


def _refuse_untimely(jwt: Jwt, now: float) -> None:
    """Raises Problem for a token that is not good at this moment."""
    expires, begins = jwt.moment("exp"), jwt.moment("nbf")
    if expires is None:
        raise Problem("The token never expires: it has no exp", advice="look at the server's configuration")
    if expires <= now:
        raise Problem(
            f"The token ran out {now - expires:.0f} s ago by API Manager's clock",
            advice="set both servers' clocks, or the lifetime of tokens",
        )
    if begins is not None and begins > now + _CLOCKS:
        raise Problem(
            f"The token is not good before {begins - now:.0f} s from now by API Manager's clock",
            advice="set both servers' clocks",
        )


def _difference(context: Context) -> str:
    """How far the clocks of token endpoint and API Manager are apart; a date of HTTP has whole seconds."""
    ahead = context.is7(str(context.key_manager["tokenEndpoint"])).clock_ahead
    own = context.apim.clock_ahead
    if ahead is None or own is None:
        return "an unknown time"
    apart = abs(ahead - own)
    return f"{apart:.0f} s" if apart >= 1.5 else "less than 2 s"


STAGES = (
    Stage("issuer", issuer, **NEEDS_TOKEN),
    Stage("signature", signature, **NEEDS_TOKEN),
    Stage("consumer key", consumer_key, **NEEDS_TOKEN),
    Stage("audience and expiry", lifetime, **NEEDS_TOKEN),
)
