# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of every module that speaks to API Manager."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - the Python package C(requests) where the module runs
options:
  apim_url:
    description:
      - API Manager's URL, as the portals have it. Plain V(http) is taken for this host alone
        (V(localhost), V(127.0.0.1), V(::1)), as a password could be read on the way to any other, and not
        together with an option that only TLS can fulfil.
      - E(WSO2_APIM_URL) gives another default, as E(WSO2_APIM_USERNAME), E(WSO2_APIM_PASSWORD) and
        E(WSO2_APIM_TOKEN) do for O(username), O(password) and O(token), where the module runs.
    type: str
    default: https://localhost:9443
  auth:
    description:
      - How to sign in. V(basic) sends O(username) and O(password) with each request. V(oauth2) gets a token
        of that user by the password grant,
        for the client of O(client_id) or for one that it registers, always the same one. V(token) sends
        O(token).
      - V(oauth2) asks for every scope that may be of use, of which API Manager grants those that the user's
        roles have. What a call lacks is named where API Manager refuses it.
      - Where a token runs out meanwhile, V(oauth2) gets another.
      - V(basic) with a O(token) and no O(password) is V(token).
    type: str
    choices: [basic, oauth2, token]
    default: basic
  username:
    description:
      - A user with the role C(admin), or with one that has the narrower scopes that
        M(carbonops.wso2.apim_key_manager) notes, of a tenant like V(admin@tenant1.com). Key managers belong
        to that tenant.
    type: str
    default: admin
  password:
    description:
      - That user's password, required but for O(auth=token). Never shown.
    type: str
  client_id:
    description:
      - With O(auth=oauth2), a client of API Manager that may use the password grant. By default one is
        registered, as C(carbonops.wso2); while API Manager answers that with 500, as it does for a while
        after its start, it is tried again until O(timeout).
      - The client that was registered stays, and every later run of the same user takes it again. API Manager
        has no request that removes one (its C(DELETE) answers 500, not implemented); remove the service
        provider C(carbonops.wso2) in the Carbon console at C(/carbon), or give a client of your own here, or
        use O(auth=basic), which makes none.
    type: str
  client_secret:
    description:
      - That client's secret. Never shown.
    type: str
  token:
    description:
      - With O(auth=token), an access token of API Manager with the scope C(apim:admin),
        or with those narrower ones that M(carbonops.wso2.apim_key_manager) notes.
        M(carbonops.wso2.apim_key_manager_check) needs
        C(apim:app_manage) and C(apim:subscribe) too. Blanks and line ends around it are left out. Never
        shown.
    type: str
  validate_certs:
    description:
      - Whether API Manager's certificate is verified. Prefer O(server_cert_sha256) or O(ca_path) to switching
        this off.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file with the CA, or the unexpired self-signed certificate, to verify API Manager's certificate
        with.
      - By default the CAs of the environment variable C(REQUESTS_CA_BUNDLE), else those that Python's
        C(requests) brings.
    type: path
  server_cert_sha256:
    description:
      - The SHA-256 fingerprint of API Manager's certificate, with or without colons. Exactly this certificate
        is accepted,
        though it be self-signed or expired. M(carbonops.wso2.keystore_info) reads it from the server's
        keystore.
    type: str
  client_cert:
    description:
      - A PEM file with the certificate to show where API Manager, or what stands before it, asks for one; it
        may hold the key too.
    type: path
  client_key:
    description:
      - A PEM file with the key of O(client_cert), without a passphrase.
    type: path
  use_proxy:
    description:
      - Whether the proxies of the environment variables C(https_proxy), C(http_proxy) and C(no_proxy) are
        used. Without them there is none.
    type: bool
    default: true
  timeout:
    description:
      - Seconds to wait for a connection, and for each part of an answer. An answer that has not ended after
        four times as long is given up, and so is one of more than 8 MiB.
      - A refused connection and the answers 429, 502, 503 and 504 are tried again up to three times, for no
        longer than this altogether, where
        that is safe. A request that makes something is only repeated after looking whether it is there.
    type: float
    default: 30
"""
