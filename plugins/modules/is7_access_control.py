#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: is7_access_control
short_description: Manage a resource.access_control entry of WSO2 Identity Server 7
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Adds, corrects or removes one C([[resource.access_control]]) entry of an Identity Server 7
    C(deployment.toml), in place.
  - The defaults are the entry that the document "Configure WSO2 IS 7 as a Key Manager" asks for.
  - Every byte outside the entry stays as it is. The edited text is read again before it is written, and
    nothing is written unless
    the entry is right and everything else means what it meant.
  - The server reads the file at boot. Restart it with M(carbonops.wso2.carbon_server).
extends_documentation_fragment:
  - carbonops.wso2.deployment_toml
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.changes
options:
  context:
    description:
      - Regular expression for the path of a request. Together with O(http_method) it tells one entry from
        another.
    type: str
    default: (.*)/scim2/Me
  http_method:
    description:
      - HTTP methods, separated by commas, or V(all). Written in upper case, without which the server ignores
        them.
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
  state:
    description:
      - V(present) has the entry in the file once, saying what is given here.
      - V(absent) takes the entries of this O(context) and O(http_method) out.
    type: str
    choices: [present, absent]
    default: present
  position:
    description:
      - The server takes the first entry that matches a request.
      - V(first) puts a new entry before all others, and moves one that is there only if an earlier one takes
        its requests.
      - V(last) puts a new entry after all others and moves none. What wins over it is in RV(shadowed_by).
    type: str
    choices: [first, last]
    default: first
"""

EXAMPLES = r"""
- name: Let API Manager ask Identity Server 7 for user information
  carbonops.wso2.is7_access_control:
    carbon_home: /opt/wso2is-7.2.0

- name: The same for another endpoint, in a file by its path
  carbonops.wso2.is7_access_control:
    path: /etc/wso2is/deployment.toml
    context: (.*)/scim2/Groups
    http_method: GET, HEAD
    scopes: [internal_group_mgt_view]
    backup: true

- name: Take the entry out again
  carbonops.wso2.is7_access_control:
    carbon_home: /opt/wso2is-7.2.0
    state: absent
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: success
  sample: /opt/wso2is-7.2.0/repository/conf/deployment.toml
entry:
  description: The entry as the file has it, or as it was looked for with O(state=absent).
  type: dict
  returned: success
  sample:
    context: (.*)/scim2/Me
    secure: true
    http_method: GET
    cross_tenant: true
    permissions: []
    scopes: []
shadowed_by:
  description: Contexts of earlier entries that take requests which this entry is for.
  type: list
  elements: str
  returned: success
  sample: []
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
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.access_control import (
    ENTRY_ARGUMENTS,
    entry_of,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **ARGUMENTS,
            **ENTRY_ARGUMENTS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        **RULES,
    )
    options = module.params
    wanted = entry_of(options)

    def plan(document: Document) -> Edit:
        found = (
            plan_present(document, wanted, options["position"])
            if options["state"] == "present"
            else plan_absent(document, wanted)
        )
        return Edit(
            found.text,
            found.before,
            found.after,
            {"entry": wanted.as_table(), "shadowed_by": found.shadowed_by},
        )

    finish(module, lambda: edit_file(module, plan))


if __name__ == "__main__":
    main()
