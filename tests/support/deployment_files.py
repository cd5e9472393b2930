"""Files as sites have them, a few hundred, for the module and the server to be asked about: group -> name ->
bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from testbed.is7 import conf

from support.toml_rules import REFUSED

STOCK = (Path(conf.__file__).parent / "deployment.toml").read_text(encoding="utf-8")

# The snippets of WSO2's documents on Identity Server 7 as a key manager.
STANZA = '[[resource.access_control]]\ncontext="(.*)/scim2/Me"\nsecure=true\nhttp_method="GET"\ncross_tenant=true\npermissions=[]\nscopes=[]\n'
SNIPPETS = {
    "stanza": STANZA,
    "oauth": "[oauth]\nauthorize_all_scopes = true\n",
    "roles": "[role_mgt]\nallow_system_prefix_for_role = true\n",
    "revocation": (
        '[[event_listener]]\nid = "token_revocation"\ntype ='
        ' "org.wso2.carbon.identity.core.handler.AbstractIdentityHandler"\n'
        'name = "org.wso2.is.notification.ApimOauthEventInterceptor"\norder ='
        " 1\n[event_listener.properties]\n"
        'notification_endpoint = "https://localhost:9443/internal/data/v1/notify"\nusername ='
        ' "admin"\n\'header.X-WSO2-KEY-MANAGER\' = "WSO2-IS"\n'
    ),
}
# Those of the later pages too, by what they set up; the thumbprint is one's own.
LATER_SNIPPETS = {
    **SNIPPETS,
    "mutual TLS": (
        "[client_certificate_based_authentication]\nenable = true\n\n"
        "[[client_certificate_based_authentication.user_thumbprint_mapping]]\n"
        'trusted_issuer = "C=US, CN=localhost, L=Mountain View, O=WSO2, ST=CA"\n'
        f'cert_thumbprint = "{":".join(["AB"] * 32)}"\nallowed_username = ["admin"]\n'
    ),
    "tenants": (
        '[[event_listener]]\nid = "tenant_creation"\n'
        'type = "org.wso2.carbon.user.core.listener.UserOperationEventListener"\n'
        'name = "org.wso2.carbon.identity.mgt.listener.TenantSyncListener"\norder = 1\n'
        '[event_listener.properties]\nnotification_endpoint = "https://localhost:9443/internal/data/v1/notify"\n'
        'username = "admin"\npassword = "admin"\n\'header.X-WSO2-KEY-MANAGER\' = "TENANT_MANAGEMENT"\n'
    ),
}
OTHER = '[[resource.access_control]]\ncontext = "(.*)/other"\nhttp_method = "all"\nsecure = false\n'

EDITED, UNREADABLE, DECLINED, ENVIRONMENT = "edited", "unreadable", "declined", "environment"


@dataclass(frozen=True)
class Group:
    """Files of one kind, and what becomes of them.

    EDITED: the entry is put in. UNREADABLE: server and module refuse the file. DECLINED: the module declines
    what the server takes.
    ENVIRONMENT: the module edits it; whether the server takes it depends on where it runs.
    """

    files: dict[str, str]
    fate: str = EDITED


def entry(**values: str) -> str:
    """The document's entry with other values, in TOML; an empty one leaves the key out."""
    keys = {
        "context": '"(.*)/scim2/Me"', "secure": "true", "http_method": '"GET"', "cross_tenant": "true",
        "permissions": "[]", "scopes": "[]", **values,
    }  # fmt: skip
    return "[[resource.access_control]]\n" + "".join(
        f"{key} = {value}\n" for key, value in keys.items() if value
    )


def _orders() -> dict[str, str]:
    """Every order in which a reader of the documents can paste their snippets, below the stock file or by
    themselves.
    """
    orders = {}
    for names in itertools.permutations(SNIPPETS):
        orders[", ".join(names)] = STOCK + "\n" + "\n".join(SNIPPETS[name] for name in names)
    for names in itertools.permutations(sorted(set(SNIPPETS) - {"stanza"})):
        orders[f"only {', '.join(names)}"] = "\n".join(SNIPPETS[name] for name in names)
    return orders


def _layouts() -> dict[str, str]:
    bases = {
        "stock": STOCK, "stock and stanza": f"{STOCK}\n{STANZA}",
        "stock and another entry": f"{STOCK}\n{OTHER}",
        "two entries": f"{OTHER}\n{entry(secure='false')}\n[x]\ny = 1\n", "nothing": "",
    }  # fmt: skip
    layouts: dict[str, Callable[[str], str]] = {
        "CRLF": lambda text: text.replace("\n", "\r\n"),
        "mixed line ends": lambda text: "".join(
            line + ("\r\n" if number % 2 else "\n") for number, line in enumerate(text.split("\n"))
        ),
        "no final line end": lambda text: text.rstrip("\n"),
        "CRLF, no final line end": lambda text: text.rstrip("\n").replace("\n", "\r\n"),
        "blank lines at the end": lambda text: text + "\n\n  \n\t\n",
        "no blank lines": lambda text: "\n".join(line for line in text.split("\n") if line) + "\n",
        "tabs": lambda text: "".join(f"\t{line}\t\n" for line in text.split("\n")).replace(" = ", "\t=\t"),
        "indented": lambda text: "".join(f"    {line}\n" for line in text.split("\n")),
        "a comment on each line": lambda text: "".join(
            f"# above\n{line} # beside, [[resource.access_control]]\n" for line in text.split("\n")
        ),
        "comments with no blank": lambda text: "".join(f"{line}#=[\"'\n" for line in text.split("\n")),
    }
    return {
        f"{base}, {layout}": change(text)
        for base, text in bases.items()
        for layout, change in layouts.items()
    }


def _values() -> dict[str, str]:
    """The document's entry as people have changed it."""
    variants = {
        "as it should be": entry(),
        "no secure": entry(secure=""),
        "no cross_tenant": entry(cross_tenant=""),
        "no lists": entry(permissions="", scopes=""),
        "keys alone": entry(secure="", cross_tenant="", permissions="", scopes=""),
        "string booleans": entry(secure='"true"', cross_tenant="'true'"),
        "upper-case booleans": entry(secure='"TRUE"', cross_tenant='"True"'),
        "numbers": entry(secure="1", cross_tenant="0"),
        "open": entry(secure="false"),
        "one tenant": entry(cross_tenant="false"),
        "lower-case method": entry(http_method='"get"'),
        "blanks around the method": entry(http_method='" GET "'),
        "literal strings": entry(context="'(.*)/scim2/Me'", http_method="'GET'"),
        "multi-line strings": entry(context='"""\n(.*)/scim2/Me"""', http_method="'''GET'''"),
        "escaped": entry(context='"(.*)\\u002fscim2/Me"'),
        "scopes": entry(scopes='["internal_login"]', permissions='["/permission/admin"]'),
        "lists over lines": entry(scopes='[\n  "a", # why\n  "b",\n]', permissions="[ # none\n]"),
        "scope as string": entry(scopes='"internal_login"'),
        "quoted keys": entry().replace("context", '"context"').replace("secure = true", "'secure' = false"),
        "quoted header": entry(secure="false").replace(
            "[[resource.access_control]]", "[[ 'resource' . \"access_control\" ]]"
        ),
        "reversed": "[[resource.access_control]]\n"
        + "".join(f"{line}\n" for line in reversed(entry(secure="false").splitlines()[1:])),
        "more keys": entry(secure="false") + 'allowed_auth_handlers = ["BasicAuthentication"]\n',
        "table inside": entry(secure="false") + "[resource.access_control.more]\nz = 1\n",
        "dotted key inside": entry(secure="false") + "more.x = 1\n",
        "twice": entry() + "\n" + entry(),
        "twice and otherwise": entry(secure="false") + "# between\n" + entry(cross_tenant="false"),
        "three times, another between": entry(scopes='["a"]')
        + OTHER
        + entry()
        + "[between]\ny=1\n"
        + entry(secure='"false"'),
    }
    return {
        f"{name}{', more after it' if after else ''}": text + after
        for name, text in variants.items()
        for after in ("", f"\n# more\n[x]\ny = 1\n{OTHER}")
    }


def _shadows() -> dict[str, str]:
    """Entries that take the requests which ours is for, or seem to."""
    earlier = {
        "everything": ('"(.*)"', '"all"'), "everything, upper-case": ('"(.*)"', '"ALL"'),
        "everything, GET": ("'(.*)'", '"GET"'),
        "scim2": ('"(.*)/scim2/(.*)"', '"POST, GET"'), "tenants": ('"/t/(.*)"', '"GET"'),
        "no tenant": ('"/scim2/Me"', '"GET"'),
        "more methods": ('"(.*)/scim2/Me"', '"GET, HEAD"'),
        "a method in a word": ('"(.*)/scim2/Me"', '"TARGET"'), "as list": ('"(.*)/scim2/Me"', '["GET"]'),
        "other methods": ('"(.*)"', '"POST,PUT"'), "lower-case": ('"(.*)"', '"get"'),
        "other paths": ('"(.*)/scim2/Users"', '"GET"'),
        "classes": ("'(.*)/scim[0-9]/\\w+'", '"GET"'), "choice": ('"(.*)/(oauth2|scim2)/Me"', '"GET"'),
    }  # fmt: skip
    files = {}
    for name, (context, method) in earlier.items():
        shadow = entry(context=context, http_method=method, cross_tenant="false", scopes='["internal_login"]')
        files[f"{name}, before ours"] = f"# theirs\n{shadow}\n# ours\n{STANZA}"
        files[f"{name}, after ours"] = f"{STANZA}{shadow}"
        files[f"{name}, alone"] = f"{STOCK}\n{shadow}"
    return files


def _texts() -> dict[str, str]:
    """What only looks like an entry."""
    looks = {
        "multi-line": f'[x]\ntext = """\n{STANZA.replace(chr(34), chr(39))}"""\n',
        "multi-line on one line": '[x]\ntext = """[[resource.access_control]]"""\n',
        "multi-line with quotes": '[x]\ntext = """\n"[[resource.access_control]]""\n\\"\\"\\"\n"""\n',
        "multi-line with a backslash at the end": '[x]\ntext = """\\\n[[resource.access_control]]\\\\"""\n',
        "literal": "[x]\ntext = '[[resource.access_control]]'\n",
        "literal multi-line": f"[x]\ntext = '''\n{STANZA}'''\n",
        "literal multi-line with a quote": f"[x]\ntext = '''\n'{STANZA}\\'''\n",
        "in an array": f"[x]\ntexts = [\n  '''\n{STANZA}''', # ]\n  \"]\",\n]\n",
        "in an inline table": "[x]\ntable = { text = '[[resource.access_control]]', 'a.b' = \"}\" }\n",
        "commented out": "".join(f"# {line}\n" for line in STANZA.splitlines()),
        "commented out without blanks": "".join(f"#{line}\n" for line in STANZA.splitlines()),
        "another table of that name": "[other.resource]\naccess_control = 1\n[[other.access_control]]\ncontext = '(.*)/scim2/Me'\nhttp_method = 'GET'\n",
        "a similar name": "[[resource.access_control_more]]\ncontext = '(.*)/scim2/Me'\nhttp_method = 'GET'\n",
    }
    return {
        f"{name}{', with entries' if more else ''}": text + more
        for name, text in looks.items()
        for more in ("", f"\n{OTHER}\n{entry(secure='false')}")
    }


def _syntax() -> dict[str, str]:
    odd = {
        "dotted keys": "server.hostname = 'x'\nserver.offset = 1\nresource.other = 1\n",
        "resource as a table": "[resource]\nother = 1\n",
        "table below resource": "[resource.other]\nx = 1\n",
        "quoted keys": "[tenant.'a.b']\n\"c d\" = 1\n'' = 2\n",
        "inline tables": "[x]\na = {}\nb = { c = { d = [1, 2] }, e.f = 'g' }\nh = [{ i = 1 }, { i = 2 }]\n",
        "arrays": "[x]\na = []\nb = [1,]\nc = [[1, 2], ['a']]\nd = [\n# c\n1, # [[resource.access_control]]\n2\n]\n",
        "arrays that need an empty line": "[x]\na = [[], []]\n\nb = 1\n",
        "numbers": "[x]\na = 0x1F\nb = 1_000\nc = -1.5e3\nd = 0b1\ne = 0o7\nf = inf\ng = -nan\n",
        "dates": "[x]\na = 1979-05-27 07:32:00\nb = 1979-05-27\nc = 07:32:00\n",
        "placeholders": '[x]\na = "$ref{server.hostname}"\nb = "$sys{java.version}"\n[server]\nhostname = "h"\n',
        "Latin-1 in a comment": "# caf\udce9\n[x] # \udcfc\na = 1\n",
        "Latin-1 in a string": "[x]\na = 'caf\udce9'\n",
        "UTF-8": "# \u00e9\u2028\x85\n[x]\na = 'caf\u00e9 \U0001f600'\n",
        "control characters in a comment": "# \x00\x01\x0b\x0c\x1c\x7f\n[x] # \r\x0c\na = 1\n",
        "entries split by tables": f"{OTHER}\n[x]\na = 1\n\n{entry(context=chr(34) + '/b' + chr(34))}\n[[y]]\nb = 1\n\n# last\n{OTHER}",
        "ours split from others": f"{OTHER}\n[x]\na = 1\n\n{entry(scopes=chr(34) + 'a' + chr(34))}\n[[y]]\nb = 1\n[[y]]\n{OTHER}",
        "only a comment": "# nothing",
        "only blanks": " \t",
    }
    return {
        f"{name}{', stock after it' if more else ''}": text + more
        for name, text in odd.items()
        for more in ("", f"\n{_other_tables(text)}")
    }


def _other_tables(text: str) -> str:
    """The stock file without the tables that a text has itself."""
    tables = STOCK.split("\n\n")
    return "\n\n".join(table for table in tables if not (table.startswith("[server]") and "server" in text))


def _unreadable() -> dict[str, str]:
    files = {
        f"rule {number}": text
        for number, (text, (sentence, _valid)) in enumerate(REFUSED.items())
        if "a date" not in sentence and "ud800" not in text and "100 deep" not in sentence
    }
    later = {
        f"{name}, after entries": f"{STANZA}{text}"
        for name, text in files.items()
        if not text.startswith("\ufeff") and "a = {b" not in text and "a = []" not in text
    }
    more = {
        "[resource] after the entries": f"{STANZA}\n[resource]\nx = 1\n",
        "empty array in an inline entry": "[resource]\naccess_control = [{context = '/a', http_method = 'GET', scopes = []}]\n",
        "inline array, then an entry": f"[resource]\naccess_control = [{{context = '/a'}}]\n{STANZA}",
        "one [table], then an entry": f"[resource.access_control]\ncontext = '/a'\n{STANZA}",
        "byte order mark": "\ufeff" + STOCK,
        "stock twice": STOCK + STOCK,
        "[oauth] twice": SNIPPETS["oauth"] * 2,
    }
    return {**{name: text for name, text in files.items() if "a = {b" not in text}, **later, **more}


def _declined() -> dict[str, str]:
    one = "{context = '/a', http_method = 'GET', secure = true}"
    return {
        "inline array": f"[resource]\naccess_control = [{one}]\n",
        "inline array over lines": f"[x]\ny = 1\n[resource]\naccess_control = [\n  {one},\n  {one} # c\n]\n",
        "dotted key": f"resource.access_control = [{one}]\n",
        "inline table": f"resource = {{access_control = [{one}]}}\n",
        "empty inline array": "[resource]\naccess_control = []\n",
        "one [table]": "[resource.access_control]\ncontext = '/a'\nhttp_method = 'GET'\nsecure = true\n",
        "a table below, from elsewhere": f"{OTHER}[x]\ny = 1\n[resource.access_control.more]\nz = 1\n",
        "[[resource]]": "[[resource]]\n[[resource.access_control]]\ncontext = '/a'\nhttp_method = 'GET'\nsecure = true\n",
    }


GROUPS = {
    "the documents' snippets in every order": Group(_orders()),
    "line ends, blanks, comments": Group(_layouts()),
    "the entry is there with other values": Group(_values()),
    "other entries before and after": Group(_shadows()),
    "what looks like an entry in a string or comment": Group(_texts()),
    "rarer TOML and stray bytes": Group(_syntax()),
    "what the server cannot read": Group(_unreadable(), UNREADABLE),
    "entries written inline or in pieces": Group(_declined(), DECLINED),
    "what only the server's environment can tell": Group(
        {
            f"{kind}{name}": f'{more}[x]\ny = "{kind}{{NOT_THERE}}"\n'
            for kind in ("$env", "$secret", "$sys")
            for name, more in {"": "", " with an entry": STANZA}.items()
        },
        ENVIRONMENT,
    ),
}
