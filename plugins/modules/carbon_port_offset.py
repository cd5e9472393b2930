#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: carbon_port_offset
short_description: Manage the port offset in a Carbon server's deployment.toml
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Sets, corrects or removes C(offset) in the C([server]) table of a C(deployment.toml), in place.
  - Unlike an offset on the start command this one survives a restart by somebody else and a reboot. One on
    the start command beats it.
  - Every byte outside that line stays as it is.
extends_documentation_fragment:
  - carbonops.wso2.deployment_toml
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.changes
options:
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.configuration import (
    ARGUMENTS,
    RULES,
    Edit,
    edit_file,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.port_offset import KEY, plan_offset
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document, lookup

HIGHEST = 50000


def shown(offset: int | None) -> str:
    return "" if offset is None else f"[server] offset = {offset}\n"


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **ARGUMENTS,
            "port_offset": {"type": "int"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["port_offset"])],
        **RULES,
    )
    wanted = module.params["port_offset"] if module.params["state"] == "present" else None
    if wanted is not None and not 0 <= wanted <= HIGHEST:
        module.fail_json(msg=f"port_offset is {wanted}; give a number from 0 to {HIGHEST}.")

    def plan(document: Document) -> Edit:
        return Edit(
            plan_offset(document, wanted),
            shown(lookup(document.data, *KEY)),
            shown(wanted),
            {"port_offset": wanted},
        )

    finish(module, lambda: edit_file(module, plan))


if __name__ == "__main__":
    main()
