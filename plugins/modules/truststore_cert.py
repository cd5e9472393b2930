#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: truststore_cert
short_description: Manage trusted certificates in a Java truststore
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Puts certificates into a JKS or PKCS12 truststore, or takes them out. The type is told by the file's
    content, not by its name.
  - Certificates are compared by their SHA-256 fingerprint. One that the store trusts under another alias
    already is left at that.
  - A private key is never replaced or removed.
  - A PKCS12 store in which Java sees nothing, though it holds certificates (as C(openssl pkcs12 -export)
    makes it), is refused.
  - The change is made to a copy, read back, and only then put in place; a run that is cut off leaves the old
    store. The copy is in a folder of its own below the one for temporary files, which the next run clears
    away if a run was killed.
  - A symlink to a store or certificate is followed only if root, the file's owner or the user of the run
    made it.
  - All certificates of a call are written by one run of C(keytool).
  - A JVM reads its truststore once, when it starts. Restart the server with M(carbonops.wso2.carbon_server).
extends_documentation_fragment:
  - carbonops.wso2.keytool
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.changes
options:
  path:
    description:
      - The truststore.
    type: path
  carbon_home:
    description:
      - The home of a Carbon server, whose truststore is meant. File and password come from its
        C(deployment.toml), then from the product's defaults.
    type: path
  password:
    description:
      - The store's password. Required with O(path).
    type: str
  alias:
    description:
      - Name of the entry. A chain's further certificates go under C(alias-1), C(alias-2) and so on, in the
        file's order.
    type: str
  content:
    description:
      - The certificate or chain as PEM text, which may be PKCS#7.
    type: str
  src:
    description:
      - A file on the managed host that holds the certificate or chain, as PEM, DER or PKCS#7.
    type: path
  certificates:
    description:
      - Many certificates at once.
    type: list
    elements: dict
    suboptions:
      alias:
        description:
          - Name of the entry.
        type: str
        required: true
      content:
        description:
          - The certificate or chain as PEM text, which may be PKCS#7.
        type: str
      src:
        description:
          - A file on the managed host that holds the certificate or chain, as PEM, DER or PKCS#7.
        type: path
  state:
    description:
      - V(present) trusts the certificates.
      - V(absent) removes the aliases. Where a certificate is given too, an alias that holds another one is
        kept; a chain's further aliases are
        removed only where the chain is given.
    type: str
    choices: [present, absent]
    default: present
  on_expired:
    description:
      - What to do about a certificate that has expired or is not valid yet. Java accepts an expired
        certificate which is trusted itself,
        and the ones that WSO2's products come with are mostly expired.
    type: str
    choices: [warn, fail, ignore]
    default: warn
  on_ca:
    description:
      - What to do about a certificate that becomes trusted and is one of a CA (C(CA:TRUE) in its basic
        constraints, or of X.509 version 1, which has none). Java then accepts every certificate that its key
        signs, for whatever host.
      - The stock certificates of WSO2's products and openssl's self-signed ones are of that kind. One that
        can be no CA is made with C(keytool -genkeypair -ext bc=ca:false) or
        C(openssl req -x509 -addext basicConstraints=CA:FALSE).
      - For the certificate of your own CA, set V(ignore).
      - A certificate that is trusted already is neither told of again nor refused.
    type: str
    choices: [warn, fail, ignore]
    default: warn
  on_conflict:
    description:
      - What to do where an alias holds another certificate.
    type: str
    choices: [replace, fail]
    default: replace
  create:
    description:
      - Make the store, as PKCS12, where there is none and a certificate is to go into it. Its folder must be
        there.
    type: bool
    default: false
  unsafe_writes:
    description:
      - Write the file where it is if it cannot be replaced at once, as one that is a mount of its own or in a
        folder that may not be written to. Whoever reads it meanwhile may see half of it.
    type: bool
    default: false
  backup:
    description:
      - Keep a copy of the store beside it before changing it. A store that is made has none.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have API Manager trust Identity Server 7
  carbonops.wso2.truststore_cert:
    carbon_home: /opt/wso2am-4.7.0
    alias: carbonops-is7
    content: "{{ lookup('ansible.builtin.file', 'is7.pem') }}"

- name: Many certificates by one run of keytool
  carbonops.wso2.truststore_cert:
    path: /etc/wso2/truststore.p12
    password: "{{ truststore_password }}"
    certificates:
      - alias: carbonops-is7-a
        src: /etc/wso2/is7-a.pem
      - alias: carbonops-is7-b
        src: /etc/wso2/is7-b.pem

- name: Trust the company's own CA, which may sign for any host
  carbonops.wso2.truststore_cert:
    carbon_home: /opt/wso2am-4.7.0
    alias: company-ca
    src: /etc/pki/company-ca.pem
    on_ca: ignore

- name: Trust single servers only
  carbonops.wso2.truststore_cert:
    carbon_home: /opt/wso2am-4.7.0
    alias: carbonops-is7
    src: /etc/wso2/is7.pem
    on_ca: fail

- name: Trust it no more
  carbonops.wso2.truststore_cert:
    carbon_home: /opt/wso2am-4.7.0
    alias: carbonops-is7
    state: absent
"""

RETURN = r"""
path:
  description: The truststore.
  type: str
  returned: success
  sample: /opt/wso2am-4.7.0/repository/resources/security/client-truststore.jks
certificates:
  description: What happened to each certificate.
  type: list
  elements: dict
  returned: success
  contains:
    alias:
      description: Where the certificate is, which may be another alias than the one given.
      type: str
      sample: carbonops-is7
    sha256:
      description:
        - SHA-256 of the certificate, lower-case hex; of the one removed with O(state=absent);
          null where there was none.
      type: str
      sample: 0f3c7b2f5d0d7b6f1cb4b0f7b6c2d0e9a8b7c6d5e4f30201c0b0a09080706050
    not_after:
      description: End of its validity, UTC.
      type: str
      sample: "2036-01-01T00:00:00Z"
    is_ca:
      description:
        - Whether certificates that its key signed are accepted too; see O(on_ca). Null where there is no
          certificate.
      type: bool
      sample: false
    action:
      description:
        - V(added), V(replaced), V(removed), V(unchanged), or V(kept) for an alias that holds another
          certificate than the one to remove.
      type: str
      sample: added
backup_file:
  description: The copy made.
  type: str
  returned: changed and O(backup=true)
"""

import datetime as dt
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.stores import chosen_store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.change import change_store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.keytool import Keytool, StoreEntry
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.result import difference, step_result
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.store import Store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.trust import (
    Step,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.wanted import (
    Doubt,
    doubts_of_authority,
    doubts_of_validity,
    wanted_certificates,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, take_secret
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import printable


def heed(module: AnsibleModule, option: str, doubts: list[Doubt]) -> None:
    """Warn of each or refuse the first, as the option says. Raises Problem."""
    for doubt in doubts:
        if module.params[option] == "fail":
            raise doubt.problem
        if module.params[option] == "warn":
            module.warn(doubt.warning)


def main() -> None:
    source = {"content": {"type": "str"}, "src": {"type": "path"}}
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "carbon_home": {"type": "path"},
            "password": {"type": "str", "no_log": True},
            "alias": {"type": "str"},
            **source,
            "certificates": {
                "type": "list",
                "elements": "dict",
                "options": {"alias": {"type": "str", "required": True}, **source},
            },
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "on_expired": {"type": "str", "choices": ["warn", "fail", "ignore"], "default": "warn"},
            "on_ca": {"type": "str", "choices": ["warn", "fail", "ignore"], "default": "warn"},
            "on_conflict": {"type": "str", "choices": ["replace", "fail"], "default": "replace"},
            "create": {"type": "bool", "default": False},
            "java_home": {"type": "path"},
            "backup": {"type": "bool", "default": False},
            "unsafe_writes": {"type": "bool", "default": False},
        },
        mutually_exclusive=[
            ("path", "carbon_home"),
            ("alias", "certificates"),
            ("content", "certificates"),
            ("src", "certificates"),
        ],
        required_one_of=[("path", "carbon_home"), ("alias", "certificates")],
        required_by={"path": ["password"], "content": ["alias"], "src": ["alias"]},
        supports_check_mode=True,
    )
    finish(module, lambda: trust(module))


def trust(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    options = module.params
    password = take_secret(module, "password")
    present = options["state"] == "present"
    wanted = wanted_certificates(options)
    if present:
        heed(module, "on_expired", doubts_of_validity(wanted, dt.datetime.now(dt.timezone.utc)))
    store = chosen_store(options, "truststore", password)
    keytool = Keytool(options["java_home"])

    def plan(existing: list[StoreEntry]) -> list[Step]:
        if not present:
            return plan_absent(existing, wanted)
        steps = plan_present(existing, wanted, options["on_conflict"])
        if options["on_ca"] == "fail":
            heed(module, "on_ca", doubts_of_authority(steps))
        return steps

    if module.check_mode:
        steps, old = plan(keytool.entries(store.path, store.password, options["create"])), None
    else:
        steps, old = change_store(
            keytool,
            store,
            options["create"],
            plan,
            backup=options["backup"],
            in_place=options["unsafe_writes"],
        )
    heed(module, "on_ca", doubts_of_authority(steps))
    for step in steps:
        if step.action == "kept":
            alias = printable(step.alias)
            module.warn(f"Alias '{alias}' holds another certificate than the one to remove and was kept.")
    return result_of(store, steps, old)


def result_of(store: Store, steps: list[Step], old: str | None) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "changed": any(step.changes for step in steps),
        "path": str(store.path),
        "certificates": [step_result(step) for step in steps],
        "diff": difference(str(store.path), steps),
    }
    if old is not None:
        result["backup_file"] = old
    return result


if __name__ == "__main__":
    main()
