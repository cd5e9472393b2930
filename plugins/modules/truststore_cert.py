#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: truststore_cert
short_description: Trusted certificates in a Java truststore
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
    store.
  - All certificates of a call are written by one run of C(keytool).
  - A JVM reads its truststore once, when it starts. Restart the server with M(carbonops.wso2.carbon_server).
extends_documentation_fragment:
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.changes
requirements:
  - a JDK on the managed host
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
  java_home:
    description:
      - The JDK whose C(keytool) is used. By default that of E(JAVA_HOME), then the one on the E(PATH).
    type: path
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
from ansible_collections.carbonops.wso2.plugins.module_utils._files.read import read_file
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import (
    SIZE_LIMIT,
    Certificate,
    read_certificates,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.change import change_store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.keytool import Keytool, StoreEntry
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.store import Store
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.trust import (
    Step,
    Wanted,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, take_secret, utc_text
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem


def wanted_certificates(options: dict[str, t.Any]) -> list[Wanted]:
    """The certificates of the options, chains laid out, each under its alias. Raises Problem."""
    if options["certificates"] == []:
        return []
    return [
        wanted for item in options["certificates"] or [options] for wanted in chain_of(item, options["state"])
    ]


def chain_of(item: dict[str, t.Any], state: str) -> list[Wanted]:
    """One certificate of the options with those that follow it in its file. Raises Problem."""
    alias = item["alias"]
    if item["content"] and item["src"]:
        raise Problem(f"Both content and src are given for alias '{alias}'", advice="give one of them")
    if not (item["content"] or item["src"]):
        if state == "present":
            raise Problem(f"No certificate is given for alias '{alias}'", advice="give content or src")
        return [Wanted(alias, None)]
    content = (
        item["content"].encode() if item["content"] else read_file(item["src"], "the certificate", SIZE_LIMIT)
    )
    try:
        chain = read_certificates(content)
    except Problem as exc:
        raise Problem(
            f"The certificate for alias '{alias}' cannot be used", exc.clause, "give an X.509 certificate"
        ) from exc
    names = [alias if number == 0 else f"{alias}-{number}" for number in range(len(chain))]
    return [Wanted(name, certificate) for name, certificate in zip(names, chain)]


def check_validity(module: AnsibleModule, wanted: list[Wanted]) -> None:
    """Warn about certificates that are not valid today, or refuse them. Raises Problem."""
    now = dt.datetime.now(dt.timezone.utc)
    for item in wanted:
        certificate = t.cast(Certificate, item.certificate)
        if certificate.not_before <= now <= certificate.not_after:
            continue
        expired = now > certificate.not_after
        date = utc_text(certificate.not_after if expired else certificate.not_before)
        told = (
            f"The certificate for alias '{item.alias}' {'expired on' if expired else 'is not valid before'}"
            f" {date}"
        )
        if module.params["on_expired"] == "fail":
            raise Problem(told, advice="renew it, or set on_expired: warn to trust it all the same")
        if module.params["on_expired"] == "warn":
            module.warn(f"{told}. Java accepts it once it is trusted, other clients may not.")


def describe(step: Step) -> dict[str, str | None]:
    certificate = step.certificate or step.before
    return {
        "alias": step.alias,
        "sha256": certificate.sha256 if certificate else None,
        "not_after": utc_text(certificate.not_after) if certificate else None,
        "action": step.action,
    }


def diff_text(steps: list[Step], side: str) -> str:
    lines = [(step.alias, getattr(step, side)) for step in steps]
    return "".join(
        f"{alias}: SHA-256 {certificate.sha256}, until {utc_text(certificate.not_after)}\n"
        for alias, certificate in lines
        if certificate
    )


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
            "on_conflict": {"type": "str", "choices": ["replace", "fail"], "default": "replace"},
            "create": {"type": "bool", "default": False},
            "java_home": {"type": "path"},
            "backup": {"type": "bool", "default": False},
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
        check_validity(module, wanted)
    store = chosen_store(options, "truststore", password)
    keytool = Keytool(options["java_home"])

    def plan(existing: list[StoreEntry]) -> list[Step]:
        if present:
            return plan_present(existing, wanted, options["on_conflict"])
        return plan_absent(existing, wanted)

    if module.check_mode:
        steps, old = plan(keytool.entries(store.path, store.password, options["create"])), None
    else:
        steps, old = change_store(keytool, store, options["create"], plan, options["backup"])
    for step in steps:
        if step.action == "kept":
            module.warn(
                f"Alias '{step.alias}' holds another certificate than the one to remove and was kept."
            )
    return result_of(store, steps, old)


def result_of(store: Store, steps: list[Step], old: str | None) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        "changed": any(step.changes for step in steps),
        "path": str(store.path),
        "certificates": [describe(step) for step in steps],
        "diff": {
            "before_header": str(store.path),
            "after_header": str(store.path),
            "before": diff_text(steps, "before"),
            "after": diff_text(steps, "certificate"),
        },
    }
    if old is not None:
        result["backup_file"] = old
    return result


if __name__ == "__main__":
    main()
