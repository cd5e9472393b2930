#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: carbon_home_info
short_description: Look at a carbon home and its server, once
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Tells everything of one home that a decision needs - product, configuration, the certificate that the
    server presents, the certificates that it trusts, its process and whether it is ready, and what it would
    have to be restarted for.
  - Changes nothing and guesses nothing. What cannot be seen is named in RV(not_seen), and is an error only
    where O(requires) asks for it.
  - Keystore and truststore are read by two runs of C(keytool) at the same time.
extends_documentation_fragment:
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.info
requirements:
  - a JDK on the managed host
options:
  carbon_home:
    description:
      - The folder that the product's archive was unpacked into. There being nothing is no error, but
        RV(exists) is false.
    type: path
    required: true
  trusted_as:
    description:
      - The alias under which other servers are to trust this one's certificate. Returned with it.
    type: str
  urls:
    description:
      - The URLs by which the server is called. Where one has the server's own HTTPS port, the certificate
        that it presents is compared with the host in it; one that does not fit, has run out or is the
        product's own, whose private key is in every download, is a warning. For a URL of this host itself
        any certificate will do.
    type: list
    elements: str
    default: []
  unfit_peers:
    description:
      - What is wrong with the certificates of servers that this one calls, a clause each. An error where this
        one's start script has it verify host names.
    type: list
    elements: str
    default: []
  certificates:
    description:
      - Certificates that are to be trusted beside those of servers, as in M(carbonops.wso2.truststore_cert).
        Returned with their fingerprints. A file that is not there is left out.
    type: list
    elements: dict
    default: []
    suboptions:
      alias:
        description:
          - Name of the entry.
        type: str
        required: true
      content:
        description:
          - The certificate or chain as PEM text.
        type: str
      src:
        description:
          - A file on this host that holds it.
        type: path
  client_certificate:
    description:
      - Whether to look at the certificate that the server shows where it is a client, that of its primary
        keystore. A further run of C(keytool) reads it where another keystore is presented.
    type: bool
    default: false
  keystore_password:
    description:
      - The keystore's password. By default what the home's configuration says.
    type: str
  truststore_password:
    description:
      - The truststore's password. By default what the home's configuration says.
    type: str
  java_home:
    description:
      - The JDK, for C(keytool) and for a start. By default E(JAVA_HOME), then the JDK of the C(java) on the
        E(PATH).
    type: path
  port_offset:
    description:
      - The port offset that the server is to run with. By default the configured one.
    type: int
  port_offset_in:
    description:
      - Whether the start command gives O(port_offset), or C(deployment.toml) says it, or will by then.
    type: str
    choices: [command, file]
    default: command
  systemd_unit:
    description:
      - The systemd service that is to run the server, with or without C(.service). By default the one that
        runs it, or would start it by itself.
    type: str
  by_script:
    description:
      - Whether the script is to run the server, and never a systemd service.
    type: bool
    default: false
  unit_is_ours:
    description:
      - Whether O(systemd_unit) is going to be written before the start, so that what it says now does not
        count. One that this collection has not written is refused then.
    type: bool
    default: false
  boot_files:
    description:
      - Further files that the server reads only when it starts. Configuration, keystore and truststore are
        always among them.
    type: list
    elements: path
    default: []
  dropins:
    description:
      - Jars that are to be in the home's C(repository/components/dropins), by their names, each with its
        checksum as C(sha256:DIGITS), C(sha384:DIGITS) or C(sha512:DIGITS). With an empty one its name is all
        that tells whether it is there.
      - They are boot files too.
    type: dict
    default: {}
  ready_path:
    description:
      - A path that answers 200 once the server is ready. By default the product's own health checks, of which
        each must answer.
    type: str
  access_control:
    description:
      - The entry that Identity Server 7 is to have, as in M(carbonops.wso2.is7_access_control), whose options
        these are. RV(configuration) tells what that module would do.
    type: dict
    suboptions:
      context:
        description:
          - Regular expression for the path of a request.
        type: str
        default: (.*)/scim2/Me
      http_method:
        description:
          - HTTP methods, separated by commas, or V(all).
        type: str
        default: GET
      secure:
        description:
          - Whether a request needs to be authenticated.
        type: bool
        default: true
      cross_tenant:
        description:
          - Whether a user of one tenant may ask for another tenant's resource.
        type: bool
        default: true
      permissions:
        description:
          - Permissions that a user needs.
        type: list
        elements: str
        default: []
      scopes:
        description:
          - Scopes that a token needs.
        type: list
        elements: str
        default: []
      position:
        description:
          - Where a new entry goes.
        type: str
        choices: [first, last]
        default: first
  wanted:
    description:
      - What the home's C(deployment.toml) is to say, as in M(carbonops.wso2.deployment_toml), whose options
        these are. RV(configuration) tells whether that module would change the file.
    type: dict
    suboptions:
      tables:
        description:
          - Tables by their names.
        type: dict
      snippet:
        description:
          - Lines of a C(deployment.toml).
        type: str
      identity:
        description:
          - The keys by which an entry of an array of tables is known, by the array's name.
        type: dict
        default: {}
      sensitive:
        description:
          - Further names of keys whose values are not shown.
        type: list
        elements: str
        default: []
      purpose:
        description:
          - A word for what it is for. What was put in for the same and is not wanted any more counts as a
            change.
        type: str
  requires:
    description:
      - What must be seen, or the module fails with the reason. V(home) is the home itself; V(configuration) a
        C(deployment.toml) that the server can read and that can be edited as O(access_control) and O(wanted)
        say; V(keystore) and V(truststore) the stores, with their passwords; V(start) that nothing is in the
        way of a start, where one is due.
      - A home that does not exist has none of the others, which is an error only for V(home).
    type: list
    elements: str
    choices: [home, configuration, keystore, truststore, start]
    default: []
"""

EXAMPLES = r"""
- name: Look at Identity Server 7
  carbonops.wso2.carbon_home_info:
    carbon_home: /opt/wso2is-7.2.0
  register: is7_look

- name: Look at API Manager, whose configuration and stores must be usable
  carbonops.wso2.carbon_home_info:
    carbon_home: /opt/wso2am-4.7.0
    requires: [home, configuration, keystore, truststore]
  register: apim_look
"""

RETURN = r"""
exists:
  description: Whether a product was unpacked there. Without one there are only this and RV(carbon_home).
  type: bool
  returned: success
carbon_home:
  description: The home.
  type: str
  returned: success
  sample: /opt/wso2is-7.2.0
script:
  description: Its start script.
  type: str
  returned: the home exists
  sample: /opt/wso2is-7.2.0/bin/wso2server.sh
version:
  description: What the home says of its version, if anything.
  type: str
  returned: the home exists
  sample: WSO2 Identity Server 7.2.0
owner:
  description: The user to whom it belongs.
  type: dict
  returned: the home exists
  sample: {uid: 1001, name: wso2}
java_home:
  description: The JDK. None where there is none.
  type: str
  returned: the home exists
  sample: /usr/lib/jvm/java-17-openjdk-amd64
configuration:
  description:
    - What C(deployment.toml) says, with the product's defaults where it says nothing. None where it cannot be
      seen.
  type: dict
  returned: the home exists
  contains:
    path:
      description: The file.
      type: str
    hostname:
      description: The name that the server calls itself.
      type: str
    hostname_put:
      description: Whether M(carbonops.wso2.deployment_toml) has put it there.
      type: bool
    port_offset:
      description: The offset that the file says, if any.
      type: int
    https_port:
      description: The HTTPS port with the configured offset.
      type: int
    proxy_port:
      description: The port of a proxy in front of it, if any.
      type: int
    address:
      description: The address that it is bound to, if any.
      type: str
    client_certificates:
      description:
        - The certificates that users may show, if that is enabled - the entries of
          C(client_certificate_based_authentication.user_thumbprint_mapping), each value as a list.
        - C(put) is whether M(carbonops.wso2.deployment_toml) has put it there.
      type: list
      elements: dict
    purposes:
      description:
        - What M(carbonops.wso2.deployment_toml) has put something into the file for, by its option
          C(purpose).
      type: list
      elements: str
    encryption_key_sha256:
      description: SHA-256 of C(key) in the C([encryption]) table, if the file has one.
      type: str
    database_sha256:
      description: SHA-256 of the URL of API Manager's database. None for a file of this server alone.
      type: str
    certificate_verification:
      description: Whether clients are asked for a certificate, as C(certificateVerification) has it.
      type: str
    editable:
      description: Whether this user may replace the file.
      type: bool
    access_control:
      description: What M(carbonops.wso2.is7_access_control) would do, with O(access_control).
      type: dict
      contains:
        changes:
          description: Whether it would change the file. None where the file cannot be edited.
          type: bool
        shadowed_by:
          description: Contexts of earlier entries that take requests which the entry is for.
          type: list
          elements: str
    wanted:
      description: What M(carbonops.wso2.deployment_toml) would do, with O(wanted).
      type: dict
      contains:
        changes:
          description: Whether it would change the file.
          type: bool
        edited:
          description: The names of the keys and entries that it would change.
          type: list
          elements: str
certificate:
  description: The certificate that the server presents. None where it cannot be seen.
  type: dict
  returned: the home exists
  contains:
    path:
      description: The keystore.
      type: str
    alias:
      description: Its alias there.
      type: str
    trusted_as:
      description: O(trusted_as).
      type: str
    sha256:
      description: SHA-256 of the certificate, lower-case hex.
      type: str
    stock:
      description: Whether it is the product's own, as far as that can be told.
      type: bool
    not_for:
      description: The hosts in O(urls) that it is not for.
      type: list
      elements: str
    doubts:
      description: What is wrong with it under those names, a clause each.
      type: list
      elements: str
    not_before:
      description: Begin of its validity, UTC.
      type: str
    not_after:
      description: End of its validity, UTC.
      type: str
    common_name:
      description: The common name of its subject, if it has one.
      type: str
    names:
      description: The DNS names and IP addresses that it is for.
      type: list
      elements: str
    is_ca:
      description: Whether it may sign other certificates.
      type: bool
    pem:
      description: The certificate.
      type: str
certificates:
  description: The certificates of O(certificates), chains laid out.
  type: list
  elements: dict
  returned: the home exists
  contains:
    alias:
      description: The alias for it.
      type: str
    sha256:
      description: SHA-256 of the certificate, lower-case hex.
      type: str
    pem:
      description: The certificate.
      type: str
host_name_verifier:
  description: What its start script says of host names in certificates, as C(AllowAll); none is strict.
  type: str
  returned: the home exists
client_certificate:
  description: The certificate of the primary keystore, with O(client_certificate). None where it is not seen.
  type: dict
  returned: the home exists
  contains:
    mapping:
      description: What a C(user_thumbprint_mapping) of Identity Server says of it.
      type: dict
      contains:
        trusted_issuer:
          description: The issuer's name, its parts sorted, as Identity Server compares it.
          type: str
          sample: C=US, CN=localhost, L=Mountain View, O=WSO2, ST=CA
        cert_thumbprint:
          description: SHA-256, upper-case pairs of digits with colons between them.
          type: str
    trusted_as:
      description: O(trusted_as) with C(:client) behind it.
      type: str
    sha256:
      description: SHA-256 of the certificate, lower-case hex.
      type: str
    pem:
      description: The certificate.
      type: str
    presented:
      description: Whether it is the one that the server presents, too.
      type: bool
truststore:
  description: What the server trusts. None where it cannot be seen.
  type: dict
  returned: the home exists
  contains:
    path:
      description: The truststore.
      type: str
    type:
      description: V(JKS) or V(PKCS12), by its content.
      type: str
    writable:
      description: Whether this user may replace the file.
      type: bool
    trusted:
      description: SHA-256 of each trusted certificate, by its alias in lower case.
      type: dict
    sha256:
      description: The same fingerprints, each once.
      type: list
      elements: str
dropins:
  description: The jars of O(dropins), in their order. None where they cannot be seen.
  type: list
  elements: dict
  returned: the home exists
  contains:
    name:
      description: The jar's name.
      type: str
    path:
      description: Where it belongs, relative to the home.
      type: str
    old:
      description: Names of jars that are there of another version of it.
      type: list
      elements: str
    due:
      description: Whether it is missing or not the one of the checksum, or another version is there.
      type: bool
server:
  description: Its process. None where it cannot be seen.
  type: dict
  returned: the home exists
  contains:
    running:
      description: Whether it runs.
      type: bool
    ready:
      description: Whether it gave every ready answer, asked once.
      type: bool
    answers:
      description: What was not the expected answer, by path.
      type: dict
    pid:
      description: Its process.
      type: int
    process:
      description: A text that no other process has, before or after it.
      type: str
    user:
      description: The id of its user.
      type: int
    started_at:
      description: When it began, Unix time in seconds.
      type: float
    port_offset:
      description: The port offset that it runs with.
      type: int
    https_port:
      description: Its HTTPS port.
      type: int
    arguments:
      description: What its start script was given, secrets left out.
      type: list
      elements: str
    listens:
      description: The addresses and ports that it listens on.
      type: list
      elements: str
    unit:
      description: The systemd service that runs it or, where it does not run, would start it by itself.
      type: str
    unit_installed:
      description: Whether systemd knows O(systemd_unit).
      type: bool
    not_seen:
      description: What of it could not be seen, and why.
      type: dict
    restart_reason:
      description: What it would have to be restarted for; empty where nothing is.
      type: str
      sample: repository/conf/deployment.toml changed after the process began
boot_files:
  description: What the server reads only when it starts, relative to the home or absolute.
  type: list
  elements: str
  returned: the home exists
settled:
  description:
    - Whether the server runs, is ready and need not be restarted, and O(access_control) and O(wanted) are in
      place.
  type: bool
  returned: success
proof:
  description:
    - What the role C(key_manager) remembered when it last proved that a key manager of this API Manager
      works.
  type: str
  returned: the home exists
not_seen:
  description: What could not be seen, and why, by the names in O(requires).
  type: dict
  returned: success
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.configuration import (
    WANTED_ARGUMENTS,
    Edit,
    asked_of,
    foretold_edit,
    read_record,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.home import CarbonHome
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.look import (
    Asked,
    is_unpacked,
    look_at_configuration,
    look_at_home,
    nothing_at,
    told,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.ready import Ready
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.server import CarbonServer
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.stores import (
    certificates_of,
    refuse_unfit_peers,
    unfit_certificate,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.systemd import unit_named
from ansible_collections.carbonops.wso2.plugins.module_utils._http.url import (
    check_url,
    host_and_port,
    is_loopback,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.access_control import (
    ENTRY_ARGUMENTS,
    entry_of,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish, take_secret, warn_of
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.record import Record

# What would be done to a file that has such a record.
Foretell = t.Callable[[str, Record], t.Dict[str, t.Any]]
PARTS = ("home", "configuration", "keystore", "truststore", "start")


def look(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    options = module.params
    urls = [check_url(url, "urls") for url in options["urls"]]
    asked = Asked(
        port_offset=options["port_offset"],
        ready=Ready((options["ready_path"],)) if options["ready_path"] else None,
        boot_files=tuple(options["boot_files"]),
        dropins=options["dropins"],
        trusted_as=options["trusted_as"],
        called=tuple(host_and_port(url) for url in urls if not is_loopback(url)),
        certificates=tuple(certificates_of(options["certificates"])),
        client_certificate=options["client_certificate"],
        java_home=options["java_home"],
        keystore_password=take_secret(module, "keystore_password"),
        truststore_password=take_secret(module, "truststore_password"),
    )
    plans = plans_of(module)
    if not is_unpacked(options["carbon_home"]):
        return {"changed": False, **nothing_at(options["carbon_home"], options["requires"])}
    home = CarbonHome(options["carbon_home"])
    unit = unit_named(options["systemd_unit"], module.run_command)
    server = CarbonServer(
        home,
        options["java_home"],
        None,
        0,
        unit,
        find_unit=lambda name: unit_named(name, module.run_command),
        by_script=options["by_script"],
        offset_in_file=options["port_offset_in"] == "file",
        unit_is_planned=options["unit_is_ours"],
    )
    seen = look_at_home(server, asked, lambda: configuration_of(module, home, plans))
    seen.require(["home", "dropins", *options["requires"]])
    doubts = (seen.seen["keystore"] or {}).get("doubts")
    if doubts:
        warn_of(module, unfit_certificate(home, doubts))
    refuse_unfit_peers(home, (seen.seen["home"] or {})["host_name_verifier"], options["unfit_peers"])
    return {"changed": False, **told(seen)}


def plans_of(module: AnsibleModule) -> dict[str, Foretell]:
    """What would be done for what the configuration is to say, by the module of each. Raises Problem."""
    entry, wanted = module.params["access_control"], module.params["wanted"]
    plans: dict[str, Foretell] = {}
    if entry:
        plans["access_control"] = lambda path, _record: foretold_edit(
            path, lambda document: entry_edit(document, entry)
        )
    if wanted:
        plans["wanted"] = asked_of(module, wanted).foretold
    return plans


def entry_edit(document: Document, options: dict[str, t.Any]) -> Edit:
    """What is7_access_control would do. Raises Problem."""
    found = plan_present(document, entry_of(options), options["position"])
    return Edit(found.text, found.before, found.after, {"shadowed_by": found.shadowed_by})


def configuration_of(module: AnsibleModule, home: CarbonHome, plans: dict[str, Foretell]) -> dict[str, t.Any]:
    """What it says, and whether what was asked for would change it. Raises Problem."""
    record = read_record(str(home.deployment_toml))
    seen = look_at_configuration(home, record)
    for name, foretell in plans.items():
        seen[name] = foretell(seen["path"], record)
    shadowed_by = seen.get("access_control", {}).get("shadowed_by")
    if shadowed_by:
        module.warn(
            f"In {seen['path']} earlier entries take requests for the same paths: {', '.join(shadowed_by)}."
        )
    return seen


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "carbon_home": {"type": "path", "required": True},
            "trusted_as": {"type": "str"},
            "urls": {"type": "list", "elements": "str", "default": []},
            "unfit_peers": {"type": "list", "elements": "str", "default": []},
            "certificates": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "alias": {"type": "str", "required": True},
                    "content": {"type": "str"},
                    "src": {"type": "path"},
                },
            },
            "client_certificate": {"type": "bool", "default": False},
            "keystore_password": {"type": "str", "no_log": True},
            "truststore_password": {"type": "str", "no_log": True},
            "java_home": {"type": "path"},
            "port_offset": {"type": "int"},
            "port_offset_in": {"type": "str", "choices": ["command", "file"], "default": "command"},
            "systemd_unit": {"type": "str"},
            "by_script": {"type": "bool", "default": False},
            "unit_is_ours": {"type": "bool", "default": False},
            "boot_files": {"type": "list", "elements": "path", "default": []},
            "dropins": {"type": "dict", "default": {}},
            "ready_path": {"type": "str"},
            "access_control": {"type": "dict", "options": ENTRY_ARGUMENTS},
            "wanted": {
                "type": "dict",
                "options": WANTED_ARGUMENTS,
                "required_one_of": [("tables", "snippet", "purpose")],
            },
            "requires": {"type": "list", "elements": "str", "choices": list(PARTS), "default": []},
        },
        mutually_exclusive=[("systemd_unit", "by_script")],
        supports_check_mode=True,
    )
    finish(module, lambda: look(module))


if __name__ == "__main__":
    main()
