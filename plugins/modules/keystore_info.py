#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keystore_info
short_description: Show what a Java keystore or truststore holds
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Lists the entries of a JKS or PKCS12 store with their certificates. Private keys are named, never shown.
  - With O(carbon_home) the file, its password and the alias come from the home's own C(deployment.toml) and
    then from the product's defaults,
    so that the certificate shown for V(keystore) is the one that the server presents.
extends_documentation_fragment:
  - carbonops.wso2.keytool
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.info
options:
  path:
    description:
      - The store.
    type: path
  carbon_home:
    description:
      - The home of a Carbon server, whose own store is read.
    type: path
  store:
    description:
      - Which of the home's stores. Used with O(carbon_home).
    type: str
    choices: [keystore, truststore]
    default: keystore
  password:
    description:
      - The store's password. Required with O(path); with O(carbon_home) the home's own configuration says it.
    type: str
  alias:
    description:
      - Only the entry of this alias; it must be there.
      - With O(carbon_home) and O(store=keystore), the server's own key is taken where this is not given. V(*)
        lists all entries.
    type: str
"""

EXAMPLES = r"""
- name: The certificate that a server presents
  carbonops.wso2.keystore_info:
    carbon_home: /opt/wso2am-4.7.0
  register: presented

- name: Everything that a truststore trusts
  carbonops.wso2.keystore_info:
    path: /opt/wso2am-4.7.0/repository/resources/security/client-truststore.jks
    password: "{{ truststore_password }}"
"""

RETURN = r"""
path:
  description: The store.
  type: str
  returned: success
  sample: /opt/wso2am-4.7.0/repository/resources/security/wso2carbon.jks
entries:
  description: The entries, in the store's order.
  type: list
  elements: dict
  returned: success
  contains:
    alias:
      description: The entry's name.
      type: str
      sample: wso2carbon
    kind:
      description: What it is.
      type: str
      sample: private_key
    sha256:
      description: SHA-256 of the certificate, lower-case hex; null for a secret key, as are the following.
      type: str
      sample: 0f3c7b2f5d0d7b6f1cb4b0f7b6c2d0e9a8b7c6d5e4f30201c0b0a09080706050
    not_before:
      description: Begin of its validity, UTC.
      type: str
      sample: "2026-01-01T00:00:00Z"
    not_after:
      description: End of its validity, UTC.
      type: str
      sample: "2036-01-01T00:00:00Z"
    common_name:
      description: The common name of its subject; null where it has none.
      type: str
      sample: is.example.com
    names:
      description: The DNS names and IP addresses that it is for, from its subject alternative name.
      type: list
      elements: str
      sample: [is.example.com, 192.0.2.7]
    is_ca:
      description:
        - Whether Java, where it trusts this certificate, also accepts those that its key signed, for whatever
          host. True for C(CA:TRUE) in its basic constraints, and for X.509 version 1, which has none.
      type: bool
      sample: false
    pem:
      description: The certificate. Of a chain, the entry's own.
      type: str
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.stores import chosen_store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.keytool import Keytool, entries_of
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.result import entry_result
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, take_secret
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "carbon_home": {"type": "path"},
            "store": {"type": "str", "choices": ["keystore", "truststore"], "default": "keystore"},
            "password": {"type": "str", "no_log": True},
            "alias": {"type": "str"},
            "java_home": {"type": "path"},
        },
        mutually_exclusive=[("path", "carbon_home")],
        required_one_of=[("path", "carbon_home")],
        required_by={"path": ["password"]},
        supports_check_mode=True,
    )
    finish(module, lambda: read(module))


def read(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    options = module.params
    password = take_secret(module, "password")
    store = chosen_store(options, options["store"], password)
    entries = Keytool(options["java_home"]).entries(store.path, store.password)
    alias = options["alias"] or store.alias
    if alias and alias != "*":
        entries = entries_of(entries, alias)
        if not entries:
            raise Problem(f"The store {store.path} has no alias '{alias}'", advice="give one that it has")
    return {"changed": False, "path": str(store.path), "entries": [entry_result(entry) for entry in entries]}


if __name__ == "__main__":
    main()
