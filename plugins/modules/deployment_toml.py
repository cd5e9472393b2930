#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_toml
short_description: Manage tables of a WSO2 server's deployment.toml, as data or as a snippet
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Has a C(deployment.toml) say what is given, as data or as a snippet out of WSO2's documents, in the tables
    and entries that are there. There is never a second C([table]).
  - Every byte outside of what changes stays as it is, comments and order too. The edited text is read again
    before it is written, and nothing is written unless everything else means what it meant.
  - What a file said before is kept beside it, in a file of the same mode and owner that no result shows, so
    that O(state=absent) gives back the bytes. A value that somebody else has changed since stays, and so does
    what the file said already before the first run. That file goes with the last of what was put in.
  - The server reads the file at boot. Restart it with M(carbonops.wso2.carbon_server).
extends_documentation_fragment:
  - carbonops.wso2.deployment_toml
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.changes
options:
  tables:
    description:
      - Tables by their names, as written between the brackets of a header, each with its keys. A key inside a
        table is taken as it is - one with a dot in it is one key.
      - A dictionary in a table is a table inside it, and a list of dictionaries an array of tables.
      - At least one of O(tables), O(snippet) and O(purpose) is required. What is in both is refused.
    type: dict
  snippet:
    description:
      - Lines of a C(deployment.toml), as pasted from a document.
      - A dotted key below a header is refused, as it would land in another table than it looks.
    type: str
  identity:
    description:
      - The keys by which an entry of an array of tables is known among the others, by the array's name. An
        entry that is there is changed in place; others stay.
      - Known already are C(resource.access_control) with C(context) and C(http_method), C(event_listener)
        with C(name), and C(apim.tenant_sharing) with C(type). An entry of any other array is known by all of
        its keys, as a whole.
    type: dict
    default: {}
  sensitive:
    description:
      - Further names of keys, or whole dotted names, whose values are not shown. Those of keys that are named
        like C(password), C(secret), C(token) or C(key) never are. With O(purpose) name those of
        earlier calls, too.
    type: list
    elements: str
    default: []
  purpose:
    description:
      - A word for what the given things are for. The file then follows them - what an earlier call with this
        word put in, and this one does not give any more, is taken out as by O(state=absent). Without
        O(tables) and O(snippet) that is all of it.
      - What the file said already is for nobody, and what several purposes give is for the first of them. A
        key that is left out of an entry which is known by others of its keys stays.
    type: str
  state:
    description:
      - V(present) has the file say what is given.
      - V(absent) takes it out again, and puts back what stood in its place. An entry that was there before is
        left with the values that it had. Where it is not known what stood there, a warning says so. With
        O(purpose) it also takes out all else that was put in for that.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let applications have all scopes and create roles, as WSO2's page has it
  carbonops.wso2.deployment_toml:
    carbon_home: /opt/wso2is-7.2.0
    snippet: |
      [oauth]
      authorize_all_scopes = true

      [role_mgt]
      allow_system_prefix_for_role = true

- name: Give the server its name, and have it tell API Manager of revoked tokens
  carbonops.wso2.deployment_toml:
    carbon_home: /opt/wso2is-7.2.0
    tables:
      server:
        hostname: is7.example.com
      event_listener:
        - id: token_revocation
          type: org.wso2.carbon.identity.core.handler.AbstractIdentityHandler
          name: org.wso2.is.notification.ApimOauthEventInterceptor
          order: 1
          properties:
            notification_endpoint: https://apim.example.com:9443/internal/data/v1/notify
            username: admin
            password: "{{ vault_apim_admin_password }}"
            header.X-WSO2-KEY-MANAGER: WSO2-IS

- name: Have the file say this, and no more what this task gave before it was changed
  carbonops.wso2.deployment_toml:
    carbon_home: /opt/wso2is-7.2.0
    tables:
      oauth.token_cleanup:
        enable: false
    purpose: our settings

- name: Take the name back
  carbonops.wso2.deployment_toml:
    carbon_home: /opt/wso2is-7.2.0
    tables:
      server:
        hostname: is7.example.com
    state: absent
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: success
  sample: /opt/wso2is-7.2.0/repository/conf/deployment.toml
edited:
  description: The names of the keys and entries that changed, or would change in check mode.
  type: list
  elements: str
  returned: success
  sample: [server.hostname]
backup_file:
  description: The copy made.
  type: str
  returned: changed and O(backup=true)
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.configuration import (
    ARGUMENTS,
    RULES,
    WANTED_ARGUMENTS,
    Edit,
    asked_of,
    edit_file,
    file_of,
    read_record,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document


def run(module: AnsibleModule) -> dict[str, t.Any]:
    options = module.params
    asked = asked_of(module, options)

    def plan(document: Document) -> Edit:
        record = read_record(file_of(options))
        present = options["state"] == "present"
        return asked.put(document, record) if present else asked.take(document, record)

    return edit_file(module, plan)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **ARGUMENTS,
            **WANTED_ARGUMENTS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        **{**RULES, "required_one_of": [*RULES["required_one_of"], ("tables", "snippet", "purpose")]},
    )
    finish(module, lambda: run(module))


if __name__ == "__main__":
    main()
