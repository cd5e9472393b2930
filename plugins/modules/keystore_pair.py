#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keystore_pair
short_description: Give a Carbon server a key pair of its own in place of the stock one
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Makes a key pair and a self-signed certificate for the names that the server is called by, in the keystore
    whose certificate the server presents, under the alias that is configured. The certificate can sign no
    others.
  - Only the pair that comes with the product is replaced, whose private key is in every download. It is known
    by being for C(localhost) under the alias and with the password C(wso2carbon). Any other pair stays, and
    is an error where it is not for O(names).
  - A copy of the store is kept beside it.
  - What the server has encrypted with the old pair cannot be read with the new one. Make it before the
    server's first start, or set C([keystore.internal]) first.
  - The server reads the keystore when it starts, and others have to trust the new certificate. The roles see
    to both.
extends_documentation_fragment:
  - carbonops.wso2.keytool
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.changes
options:
  carbon_home:
    description:
      - The server's carbon home.
    type: path
    required: true
  names:
    description:
      - The DNS names and IP addresses that the server is called by; the first one is the common name too.
    type: list
    elements: str
    required: true
  password:
    description:
      - The keystore's password. By default what the home's configuration says.
    type: str
"""

EXAMPLES = r"""
- name: Have API Manager present a certificate for its own name
  carbonops.wso2.keystore_pair:
    carbon_home: /opt/wso2am-4.7.0
    names: [apim.example.com, localhost]
"""

RETURN = r"""
path:
  description: The keystore.
  type: str
  returned: success
  sample: /opt/wso2am-4.7.0/repository/resources/security/wso2carbon.jks
sha256:
  description: SHA-256 of the certificate, lower-case hex; in check mode of the one that would be replaced.
  type: str
  returned: success
  sample: 0f3c7b2f5d0d7b6f1cb4b0f7b6c2d0e9a8b7c6d5e4f30201c0b0a09080706050
before:
  description: SHA-256 of the certificate that was there.
  type: str
  returned: success
  sample: 0f3c7b2f5d0d7b6f1cb4b0f7b6c2d0e9a8b7c6d5e4f30201c0b0a09080706050
backup_file:
  description: The copy of the store.
  type: str
  returned: changed
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.home import CarbonHome
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.stores import store_of
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.keytool import Keytool
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.pair import make_pair
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, take_secret


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "carbon_home": {"type": "path", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
            "password": {"type": "str", "no_log": True},
            "java_home": {"type": "path"},
        },
        supports_check_mode=True,
    )
    finish(module, lambda: make(module))


def make(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    options = module.params
    store = store_of(CarbonHome(options["carbon_home"]), "keystore", take_secret(module, "password"))
    names = list(dict.fromkeys(options["names"]))
    seen, now, copy = make_pair(Keytool(options["java_home"]), store, names, module.check_mode)
    result: dict[str, t.Any] = {
        "changed": seen.is_due,
        "path": str(store.path),
        "sha256": now.sha256,
        "before": seen.certificate.sha256,
        "diff": {
            "before_header": str(store.path),
            "after_header": str(store.path),
            "before": f"{store.alias}: SHA-256 {seen.certificate.sha256}\n",
            "after": f"{store.alias}: for {', '.join(names)}\n"
            if seen.is_due
            else f"{store.alias}: SHA-256 {now.sha256}\n",
        },
    }
    if copy is not None:
        result["backup_file"] = copy
    return result


if __name__ == "__main__":
    main()
