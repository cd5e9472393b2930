# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
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
      - API Manager's URL, as the portals have it.
    type: str
    default: https://localhost:9443
  username:
    description:
      - A user with the role C(admin).
    type: str
    default: admin
  password:
    description:
      - That user's password. Sent by HTTP Basic authentication, never shown.
    type: str
    required: true
  validate_certs:
    description:
      - Whether API Manager's certificate is verified. Prefer O(server_cert_sha256) or O(ca_path) to switching this off.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file with the CA, or the unexpired self-signed certificate, to verify API Manager's certificate with.
      - By default the CAs that Python's C(requests) brings.
    type: path
  server_cert_sha256:
    description:
      - The SHA-256 fingerprint of API Manager's certificate, with or without colons. Exactly this certificate is accepted,
        though it be self-signed or expired. M(carbonops.wso2.keystore_info) reads it from the server's keystore.
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and for each part of an answer.
    type: float
    default: 30
"""
