"""What the documentation says of modules and roles is what they do."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
COLLECTION = "carbonops.wso2"
# Secrets with another name than password.
SECRETS = {"additional_properties", "client_secret", "secret_properties", "snippet", "tables", "token"}
ROLE_SECRETS = {
    "apim_configuration",
    "apim_encryption_key",
    "is7_configuration",
    "key_manager_connector_configuration",
    "key_manager_secret_properties",
}
# What documentation and argument_spec both say of an option.
KEYS = ("type", "elements", "choices", "default", "required")


def plugin(name: str) -> Any:
    return importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.{name}")


class Caught(Exception):
    """The arguments of AnsibleModule."""


def argument_spec(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the module says to Ansible, before Ansible reads a single option."""
    module = plugin(f"modules.{name}")

    def catch(**arguments: Any) -> None:
        raise Caught(arguments)

    monkeypatch.setattr(module, "AnsibleModule", catch)
    with pytest.raises(Caught) as caught:
        module.main()
    arguments: dict[str, Any] = caught.value.args[0]
    return arguments


def documentation(name: str) -> dict[str, Any]:
    """The module's documentation with its fragments, as Ansible puts them together."""
    found: dict[str, Any] = yaml.safe_load(plugin(f"modules.{name}").DOCUMENTATION)
    for reference in found.get("extends_documentation_fragment", []):
        assert reference.startswith(f"{COLLECTION}."), reference
        file, _dot, part = reference.removeprefix(f"{COLLECTION}.").partition(".")
        fragment = yaml.safe_load(
            getattr(plugin(f"doc_fragments.{file}").ModuleDocFragment, part.upper() or "DOCUMENTATION")
        )
        for key in ("options", "attributes"):
            for option, value in fragment.get(key, {}).items():
                found.setdefault(key, {})[option] = {**value, **found.get(key, {}).get(option, {})}
        found["requirements"] = [*found.get("requirements", []), *fragment.get("requirements", [])]
    return found


def told(options: dict[str, Any], below: str) -> dict[str, Any]:
    """Name -> type, elements, choices, default, required and the same of what is below, of a specification or
    a documentation.
    """
    result = {}
    for name, option in options.items():
        result[name] = {key: option[key] for key in KEYS if option.get(key) is not None}
        result[name]["required"] = bool(option.get("required"))
        result[name]["below"] = told(option.get(below) or {}, below)
    return result


@pytest.mark.parametrize("name", MODULES)
def test_the_documented_options_are_those_that_the_module_takes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(documentation(name)["options"], "suboptions") == told(
        argument_spec(name, monkeypatch)["argument_spec"], "options"
    )


@pytest.mark.parametrize("name", MODULES)
def test_a_secret_is_hidden_and_only_a_secret_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(options: dict[str, Any]) -> list[str]:
        return [key for key, value in options.items() if value.get("no_log")] + [
            key for value in options.values() for key in hidden(value.get("options") or {})
        ]

    def all_names(options: dict[str, Any]) -> list[str]:
        return [
            *options,
            *(key for value in options.values() for key in all_names(value.get("options") or {})),
        ]

    spec = argument_spec(name, monkeypatch)["argument_spec"]
    assert sorted(hidden(spec)) == sorted(
        key for key in all_names(spec) if key.endswith("password") or key in SECRETS
    )


@pytest.mark.parametrize("name", MODULES)
def test_attributes_are_documented_and_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attributes = documentation(name)["attributes"]
    assert set(attributes) == {"check_mode", "diff_mode", "idempotent"}
    for attribute in attributes.values():
        assert attribute["description"]
        assert attribute["support"] in ("full", "partial", "none", "N/A")
        assert attribute["support"] != "partial" or attribute["details"]
    supports = bool(argument_spec(name, monkeypatch).get("supports_check_mode"))
    assert (attributes["check_mode"]["support"] in ("full", "partial")) is supports


@pytest.mark.parametrize("name", MODULES)
def test_every_option_and_the_module_itself_are_described(name: str) -> None:
    def described(options: dict[str, Any]) -> None:
        for option in options.values():
            assert all(isinstance(line, str) and line.endswith(".") for line in option["description"]), (
                option["description"]
            )
            described(option.get("suboptions") or {})

    found = documentation(name)
    assert found["module"] == name
    assert not found["short_description"].endswith(".")
    assert found["author"]
    assert found["version_added"]
    assert all(line.endswith(".") for line in found["description"])
    described(found["options"])


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_tasks_of_options_that_exist(name: str) -> None:
    def check(given: dict[str, Any], options: dict[str, Any]) -> None:
        assert set(given) <= set(options)
        assert {option for option, about in options.items() if about.get("required")} <= set(given)
        for option, value in given.items():
            below = options[option].get("suboptions")
            for item in value if isinstance(value, list) and below else [value] if below else []:
                check(item, below)
            if "choices" in options[option]:
                assert set(value if isinstance(value, list) else [value]) <= set(options[option]["choices"])

    tasks = yaml.safe_load(plugin(f"modules.{name}").EXAMPLES)
    assert tasks
    options = documentation(name)["options"]
    for task in tasks:
        assert task["name"][0].isupper()
        ours = [key for key in task if key.startswith(COLLECTION)]
        assert set(task) <= {"name", "register", *ours}
        assert all(key.removeprefix(f"{COLLECTION}.") in MODULES for key in ours)
        check(task.get(f"{COLLECTION}.{name}") or {}, options if f"{COLLECTION}.{name}" in task else {})
    assert any(f"{COLLECTION}.{name}" in task for task in tasks)


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_returns_is_documented(name: str) -> None:
    found = yaml.safe_load(plugin(f"modules.{name}").RETURN)
    for value in found.values():
        assert value["description"]
        assert value["returned"]
        assert value["type"] in ("str", "int", "bool", "float", "list", "dict", "raw")
        assert (value["type"] == "list") == ("elements" in value)
    source = (ROOT / f"plugins/modules/{name}.py").read_text()
    if "import (\n    Asked,\n    is_unpacked," in source:  # a look is told where it is taken
        source += (
            (ROOT / "plugins/module_utils/_carbon/look.py").read_text().partition("import annotations")[2]
        )
    returned = set(re.findall(r'result\["(\w+)"\] = ', source))
    carried_out = re.search(r"module_utils\.(\w+)\.carry_out import carry_out", source)
    made_in = (
        (ROOT / f"plugins/module_utils/{carried_out[1]}/carry_out.py").read_text() if carried_out else ""
    )
    for node in [*ast.walk(ast.parse(source)), *ast.walk(ast.parse(made_in))]:
        keys = keys_of(node)
        if keys & {"changed", "exists", "key_manager", "proof"}:
            returned |= keys
    if "edit_file(" in source:  # what every edit of a deployment.toml returns, and this one
        edit = source.partition("return Edit(")[2].partition("\n    finish(")[0]
        returned |= {"path", "backup_file", *re.findall(r'"(\w+)":', edit)}
    assert len(returned - {"changed", "diff"}) >= 1
    assert returned - {"changed", "diff"} <= set(found)


def keys_of(node: ast.AST) -> set[str]:
    """The names that a dictionary written out, or a call's keywords, give."""
    if isinstance(node, ast.Dict):
        return {key.value for key in node.keys if isinstance(key, ast.Constant)}
    if isinstance(node, ast.Call):
        return {keyword.arg for keyword in node.keywords if keyword.arg}
    return set()


def test_the_action_group_holds_the_modules_that_speak_to_api_manager(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["apim"]) == [
        name for name in MODULES if "apim_url" in argument_spec(name, monkeypatch)["argument_spec"]
    ]
    shared = plugin("module_utils._apim.connection").APIM_ARGUMENTS
    for name in runtime["action_groups"]["apim"]:
        spec = argument_spec(name, monkeypatch)["argument_spec"]
        assert {option: spec[option] for option in shared} == shared


@pytest.mark.parametrize("name", MODULES)
def test_every_module_is_run_by_a_test(name: str) -> None:
    files = [*(ROOT / "tests/unit").glob("test_*.py"), *(ROOT / "tests/integration").glob("test_*.py")]
    playbooks = [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]
    assert any(f'"{name}"' in file.read_text() for file in files) or any(
        f"{COLLECTION}.{name}:" in file.read_text() for file in playbooks
    )


@pytest.mark.parametrize("name", ROLES)
def test_every_role_is_run_by_a_scenario(name: str) -> None:
    """By its name, or by a role or playbook that a scenario runs."""
    sources = {path.stem: path.read_text() for path in (ROOT / "playbooks").glob("*.yml")}
    for path in sorted((ROOT / "roles").rglob("*.yml")):
        sources[path.relative_to(ROOT / "roles").parts[0]] = (
            sources.get(path.relative_to(ROOT / "roles").parts[0], "") + path.read_text()
        )
    reached, new = set(), {"scenarios"}
    sources["scenarios"] = "".join(
        path.read_text() for path in sorted((ROOT / "extensions/molecule").rglob("*.yml"))
    )
    while new:
        reached |= new
        new = {
            found for name in new for found in re.findall(r"carbonops\.wso2\.(\w+)", sources.get(name, ""))
        } - reached
    assert name in reached


def role(name: str, file: str) -> dict[str, Any]:
    path = ROOT / "roles" / name / file
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}


@pytest.mark.parametrize("name", ROLES)
def test_the_defaults_of_a_role_are_those_of_its_argument_specs(name: str) -> None:
    specs = role(name, "meta/argument_specs.yml")["argument_specs"]
    options = specs["main"]["options"] if "main" in specs else {}
    defaults = role(name, "defaults/main.yml")
    optional = {key for key in options if not options[key].get("required")}
    # What the roles share has no default of one of them, which others would see beside it.
    shared = {f"{product}_{what}" for product in ("is7", "apim") for what in ("url", "public_url", "ca_path")}
    assert {key for key in optional - set(defaults) - shared if key.startswith(f"{name}_")} == set()
    assert set(defaults) <= set(options)
    plain = {key: value for key, value in defaults.items() if not (isinstance(value, str) and "{{" in value)}
    assert {key: option["default"] for key, option in options.items() if "default" in option} == plain
    assert not [key for key in plain if options[key].get("required")]


@pytest.mark.parametrize("document", [None, "4.3", "4.4", "4.5", "4.6", "4.7", 4.7])
def test_a_page_sets_what_it_asks_for_where_nothing_else_does(document: str | float | None) -> None:
    """Each of these is a default, which any other place of the variable beats."""
    defaults = role("is7", "defaults/main.yml")
    is_there, is_later = document is not None, document not in (None, "4.3")
    for name, expected in (("is7_authorize_all_scopes", is_there), ("is7_token_revocation", is_later)):
        variables = {"key_manager_document": document} if is_there else {}
        assert NativeEnvironment().from_string(defaults[name]).render(variables) is expected


@pytest.mark.parametrize("name", ROLES)
def test_every_variable_of_a_role_is_described_and_named_after_it(name: str) -> None:
    specs = role(name, "meta/argument_specs.yml")["argument_specs"]
    entries = {path.stem for path in (ROOT / "roles" / name / "tasks").glob("*.yml")}
    assert set(specs) <= entries
    for spec in specs.values():
        assert spec["short_description"]
        for key, option in spec["options"].items():
            # Roles also read what is said of the other product, and where the modules for API Manager run.
            is_of_another = key.startswith(("is7_", "apim_", "key_manager_")) and not option.get("required")
            assert key.startswith(f"{name}_") or key == f"{name}s" or is_of_another
            assert option["description"]
            assert bool(option.get("no_log")) == (key.endswith("password") or key in ROLE_SECRETS)


# What a role's tasks register, set and hand on.
_MADE = re.compile(r"(?:register: |^ {4,}|loop_var: )((?:is7|apim|key_manager)_\w+)(?::|$)", re.MULTILINE)
_VARIABLE = re.compile(r"(?<![\w'./-])(?:is7|apim|key_manager)_\w+(?![\w'/-])")


@pytest.mark.parametrize("name", [name for name in ROLES if name != "product"])
def test_every_variable_that_a_role_reads_is_in_its_argument_specs(name: str) -> None:
    """So that it can be given as a role's parameter, and is shown by ansible-doc."""
    specs = role(name, "meta/argument_specs.yml")["argument_specs"]
    described = {key for spec in specs.values() for key in spec["options"]}
    if name != "key_manager":  # whose variables say of both products what one takes from the other
        others = role("key_manager", "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
        described |= {*others, "is7_tenant_sharing", "is7_mutual_tls", "apim_tenant_sharing"}
    folder = ROOT / "roles" / name
    files = [*folder.glob("tasks/*.yml"), folder / "defaults/main.yml", folder / "vars/main.yml"]
    texts = [re.sub(r"(?m)#.*$", "", file.read_text()) for file in files]
    expressions = "".join(
        found for text in texts for found in re.findall(r"\{\{.*?\}\}|when: .*|that: .*", text, re.DOTALL)
    )
    # Other hosts' variables are theirs.
    read = set(_VARIABLE.findall(re.sub(r"hostvars\[[^]]*\]\.\w+|\w+=\w+|\.\w+", "", expressions)))
    registered = {
        made for path in (ROOT / "roles").glob("*/tasks/*.yml") for made in _MADE.findall(path.read_text())
    }
    assert read - described - set(role(name, "vars/main.yml")) - registered == set()


def test_every_option_that_a_role_or_playbook_gives_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    def tasks(of: Any) -> list[dict[str, Any]]:
        if isinstance(of, list):
            return [task for item in of for task in tasks(item)]
        inner = [
            tasks(of[key])
            for key in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks")
            if key in of
        ]
        return [of, *(task for part in inner for task in part)]

    specs = {name: argument_spec(name, monkeypatch)["argument_spec"] for name in MODULES}
    checked = 0
    files = [
        *(ROOT / "roles").glob("*/tasks/*.yml"),
        *(ROOT / "roles").glob("*/handlers/*.yml"),
        *(ROOT / "playbooks").rglob("*.yml"),
    ]
    for file in files:
        for task in tasks(yaml.safe_load(file.read_text()) or []):
            for name, spec in specs.items():
                options = task.get(f"{COLLECTION}.{name}")
                if isinstance(options, dict):
                    assert set(options) <= set(spec), f"{file}: {task.get('name')}"
                    checked += 1
    assert checked


BOOLEANS = [
    name
    for of in ROLES
    for spec in role(of, "meta/argument_specs.yml")["argument_specs"].values()
    for name, option in spec["options"].items()
    if option.get("type") == "bool"
]


@pytest.mark.parametrize("name", sorted(set(BOOLEANS)))
def test_a_boolean_of_a_role_means_what_it_says_as_a_string_too(name: str) -> None:
    """Roles are given strings by -e and INI inventories: a module's argument is coerced, an expression is not."""
    files = [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]
    lines = [line for file in files if "meta" not in file.parts for line in file.read_text().splitlines()]
    uses = [line.strip() for line in lines if re.search(rf"\b{name}\b", line) and not line.startswith(name)]
    assert uses
    for line in uses:
        if line.endswith((".", ";")):  # of a message
            continue
        # Taken from other hosts, by a filter each.
        own = line.replace(f"(attribute='{name}', default=false) | map('bool')", "")
        own = own.replace(f".{name} is defined", "")
        alone = re.search(rf'"\{{\{{ {name} \}}\}}"', own)
        assert alone or all(re.findall(rf"\b{name}\b((?: \| default\(false\))? \| bool)?", own)), line
