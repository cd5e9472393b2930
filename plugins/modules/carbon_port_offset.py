#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: carbon_port_offset
short_description: The port offset in a Carbon server's deployment.toml
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Sets, corrects or removes C(offset) in the C([server]) table of a C(deployment.toml), in place.
  - Unlike an offset on the start command this one survives a restart by somebody else and a reboot. One on the start command beats it.
  - Every byte outside that line stays as it is.
extends_documentation_fragment:
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.changes
requirements:
  - Python 3.11 or later on the managed host, or there the Python package C(tomli) or C(toml)
options:
  path:
    description:
      - The C(deployment.toml) to edit.
    type: path
  carbon_home:
    description:
      - The server's home; its C(repository/conf/deployment.toml) is edited.
    type: path
  port_offset:
    description:
      - What is added to each of the server's ports. Required with O(state=present).
    type: int
  state:
    description:
      - Whether the file says an offset.
    type: str
    choices: [present, absent]
    default: present
  backup:
    description:
      - Keep a copy of the file beside it before changing it.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have Identity Server 7 listen on 9444, whoever starts it
  carbonops.wso2.carbon_port_offset:
    carbon_home: /opt/wso2is-7.2.0
    port_offset: 1
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: success
  sample: /opt/wso2is-7.2.0/repository/conf/deployment.toml
port_offset:
  description: The offset that the file says, if any.
  type: int
  returned: success
  sample: 1
backup_file:
  description: The copy made.
  type: str
  returned: changed and O(backup=true)
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon_home import CarbonHome, HomeError
from ansible_collections.carbonops.wso2.plugins.module_utils._deployment_toml import Document, TomlError, TomlReaderMissing, lookup, to_bytes
from ansible_collections.carbonops.wso2.plugins.module_utils._module import read_file, write_file
from ansible_collections.carbonops.wso2.plugins.module_utils._port_offset import KEY, plan_offset


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path"},
            "carbon_home": {"type": "path"},
            "port_offset": {"type": "int"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "backup": {"type": "bool", "default": False},
        },
        mutually_exclusive=[("path", "carbon_home")],
        required_one_of=[("path", "carbon_home")],
        required_if=[("state", "present", ["port_offset"])],
        supports_check_mode=True,
    )
    options = module.params
    if options["port_offset"] is not None and not 0 <= options["port_offset"] <= 50000:
        module.fail_json(msg=f"port_offset is {options['port_offset']}; give a number from 0 to 50000.")
    try:
        path = options["path"] or str(CarbonHome(options["carbon_home"]).deployment_toml)
    except HomeError as exc:
        module.fail_json(msg=str(exc))
    wanted = options["port_offset"] if options["state"] == "present" else None
    before = read_file(module, path, "the configuration file")
    try:
        document = Document.from_bytes(before)
        after = to_bytes(plan_offset(document, wanted))
    except TomlReaderMissing as exc:
        module.fail_json(msg=str(exc))
    except TomlError as exc:
        module.fail_json(msg=f"Editing {path} was refused: {exc}; nothing was changed.")

    said = lookup(document.data, *KEY)
    result = {
        "changed": after != before,
        "path": path,
        "port_offset": wanted,
        "diff": {
            "before_header": path,
            "after_header": path,
            "before": "" if said is None else f"[server] offset = {said}\n",
            "after": "" if wanted is None else f"[server] offset = {wanted}\n",
        },
    }
    if result["changed"] and not module.check_mode:
        if options["backup"]:
            result["backup_file"] = module.backup_local(os.path.realpath(path))
        write_file(module, path, after)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
