#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or
# https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: apim_key_manager_info
short_description: The key managers of WSO2 API Manager
version_added: 0.1.0
author:
  - carbonops contributors (@carbonops)
description:
  - Reads key managers through API Manager's Admin REST API, all of them, one by its name, or those that a
    JMESPath query picks.
  - Secrets are masked, as the server does it.
extends_documentation_fragment:
  - carbonops.wso2.apim
  - carbonops.wso2.attributes
  - carbonops.wso2.attributes.info
requirements:
  - the Python package C(jmespath) where the module runs, for O(query)
options:
  name:
    description:
      - Only the key manager of this name. There being none is no error.
    type: str
  query:
    description:
      - A JMESPath expression over the list of key managers, with the API's own field names. What it gives is
        returned as RV(key_managers),
        a single value as a list of one.
    type: str
"""

EXAMPLES = r"""
- name: One key manager
  carbonops.wso2.apim_key_manager_info:
    password: "{{ apim_admin_password }}"
    name: WSO2-IS-7

- name: Names of the key managers that are switched on
  carbonops.wso2.apim_key_manager_info:
    password: "{{ apim_admin_password }}"
    query: "[?enabled].name"
"""

RETURN = r"""
key_managers:
  description:
    - The key managers with the API's own field names, or what O(query) picked of them.
    - Where this API Manager tells it, C(isUsed) says whether one is in use, and C(isGlobal) whether it is
      every tenant's.
  type: list
  elements: raw
  returned: success
"""

import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.carbonops.wso2.plugins.module_utils._api_module import (
    APIM_ARGUMENTS,
    connect_apim,
    fail_http,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import mask_secrets
from ansible_collections.carbonops.wso2.plugins.module_utils._http import HttpError

try:
    import jmespath

    JMESPATH_ERROR = None
except ImportError:
    JMESPATH_ERROR = traceback.format_exc()


def main() -> None:
    module = AnsibleModule(
        argument_spec={**APIM_ARGUMENTS, "name": {"type": "str"}, "query": {"type": "str"}},
        supports_check_mode=True,
    )
    name, query = module.params["name"], module.params["query"]
    if query and JMESPATH_ERROR:
        module.fail_json(msg=missing_required_lib("jmespath"), exception=JMESPATH_ERROR)
    api = AdminApi(connect_apim(module))
    try:
        expression = jmespath.compile(query) if query else None
    except jmespath.exceptions.JMESPathError as exc:
        module.fail_json(msg=f"query is not a JMESPath expression: {exc}; correct it.")
    try:
        found = [mask_secrets(item, ("Password",)) for item in api.all(name)]
    except HttpError as exc:
        fail_http(module, exc)
    if expression is not None:
        try:
            picked = expression.search(found)
        except jmespath.exceptions.JMESPathError as exc:
            module.fail_json(msg=f"query does not fit the key managers: {exc}; correct it.")
        found = picked if isinstance(picked, list) else [] if picked is None else [picked]
    module.exit_json(changed=False, key_managers=found)


if __name__ == "__main__":
    main()
