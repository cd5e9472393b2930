#!/usr/bin/python
# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: apim_key_manager_info
short_description: List the key managers of WSO2 API Manager
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
  usages:
    description:
      - Whether to ask for each key manager which applications and APIs use it. API Manager before 4.5
        does not
        tell.
    type: bool
    default: false
  query:
    description:
      - A JMESPath expression over the list of key managers, with the API's own field names. What it gives
        is
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

- name: What uses the key manager
  carbonops.wso2.apim_key_manager_info:
    password: "{{ apim_admin_password }}"
    name: WSO2-IS-7
    usages: true
"""

RETURN = r"""
key_managers:
  description:
    - The key managers with the API's own field names, or what O(query) picked of them.
    - Where this API Manager tells it, C(isUsed) says whether one is in use, and C(isGlobal) whether it is
      every tenant's.
      Those of every tenant are listed too, as far as this user may see them.
    - With O(usages), C(usages) holds C(applications) and C(apis), as API Manager tells them; null where
      it does
      not.
  type: list
  elements: raw
  returned: success
options:
  description:
    - The same key managers as options of M(carbonops.wso2.apim_key_manager), which finds nothing to
      change when
      they are given to it as they are. Secrets stand there as C(*****), which leaves them.
  type: list
  elements: dict
  returned: success
"""

import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connection import (
    APIM_ARGUMENTS,
    connect_apim,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.options import (
    CONNECTOR_SECRETS,
    as_options,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.plan import mask_secrets
from ansible_collections.carbonops.wso2.plugins.module_utils._module import finish
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem

try:
    import jmespath

    JMESPATH_ERROR = None
except ImportError:
    JMESPATH_ERROR = traceback.format_exc()


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **APIM_ARGUMENTS,
            "name": {"type": "str"},
            "usages": {"type": "bool", "default": False},
            "query": {"type": "str"},
        },
        supports_check_mode=True,
    )
    finish(module, lambda: read(module))


def read(module: AnsibleModule) -> dict[str, t.Any]:
    """The module's result. Raises Problem."""
    name, query = module.params["name"], module.params["query"]
    expression = compile_query(query) if query else None
    api = AdminApi(connect_apim(module))
    found = [
        mask_secrets(item, CONNECTOR_SECRETS) for item in (*api.all(name), *api.others().all_if_told(name))
    ]
    options = [{**as_options(item), "global": bool(item.get("isGlobal"))} for item in found]
    if module.params["usages"]:
        found = [{**item, "usages": api.usages(item["id"], item["name"])} for item in found]
    picked = found if expression is None else pick(expression, found)
    return {"changed": False, "key_managers": picked, "options": options}


def compile_query(query: str) -> t.Any:
    """The JMESPath expression. Raises Problem."""
    if JMESPATH_ERROR:
        raise Problem(missing_required_lib("jmespath"), facts={"exception": JMESPATH_ERROR})
    try:
        return jmespath.compile(query)
    except jmespath.exceptions.JMESPathError as exc:
        raise Problem("query is not a JMESPath expression", str(exc), "correct it") from exc


def pick(expression: t.Any, found: list[dict[str, t.Any]]) -> list[t.Any]:
    """What the expression gives, a single value as a list of one. Raises Problem."""
    try:
        picked = expression.search(found)
    except jmespath.exceptions.JMESPathError as exc:
        raise Problem("query does not fit the key managers", str(exc), "correct it") from exc
    if isinstance(picked, list):
        return picked
    return [] if picked is None else [picked]


if __name__ == "__main__":
    main()
