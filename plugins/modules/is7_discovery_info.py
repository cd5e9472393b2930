#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: is7_discovery_info
short_description: Read the discovery document of WSO2 Identity Server 7
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Reads the OpenID Connect discovery document and the issuer in it. A stock server calls itself C(localhost)
    there, whatever
    the name that it is asked by.
extends_documentation_fragment:
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.info
requirements:
  - the Python package C(requests) where the module runs
options:
  is7_url:
    description:
      - The URL of Identity Server 7. E(WSO2_IS7_URL) gives another default.
    type: str
    default: https://localhost:9444
  validate_certs:
    description:
      - Whether its certificate is verified.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file with the CA, or the unexpired self-signed certificate, to verify its certificate with.
    type: path
  server_cert_sha256:
    description:
      - The SHA-256 fingerprint of its certificate. Exactly this certificate is accepted, though it be
        self-signed or expired.
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and for each part of an answer. An answer that has not ended after
        four times as long is given up, and so is one of more than 8 MiB.
    type: float
    default: 30
"""

EXAMPLES = r"""
- name: Ask Identity Server 7 what it calls itself
  carbonops.wso2.is7_discovery_info:
    is7_url: https://localhost:9444
    ca_path: /etc/ssl/is7.pem
  register: is7
"""

RETURN = r"""
issuer:
  description: What the server puts into its tokens as C(iss).
  type: str
  returned: success
  sample: https://localhost:9444/oauth2/token
document:
  description: The whole document.
  type: dict
  returned: success
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connection import (
    require_requests,
    tls_of,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.url import server_url
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.oauth import discovery
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.profile import WELL_KNOWN
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, or_environment


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "is7_url": or_environment("WSO2_IS7_URL", type="str", default="https://localhost:9444"),
            "validate_certs": {"type": "bool", "default": True},
            "ca_path": {"type": "path"},
            "server_cert_sha256": {"type": "str"},
            "timeout": {"type": "float", "default": 30},
        },
        supports_check_mode=True,
    )
    finish(module, lambda: read(module.params))


def read(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    require_requests()
    url = server_url(options["is7_url"], "is7_url")
    client = HttpClient(Server(url, tls_of(options), options["timeout"]))
    document = discovery(client, url + WELL_KNOWN)
    return {"changed": False, "issuer": document["issuer"], "document": document}


if __name__ == "__main__":
    main()
