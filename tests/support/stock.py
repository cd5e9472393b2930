"""Carbon homes as a product is downloaded, without a server: names, stores and a start script."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .homes import carbon_home, security

PASSWORD = "wso2carbon"
CONFIGURATION = '[server]\nhostname = "localhost"\n\n[super_admin]\nusername = "admin"\n'


def stock_home(
    folder: Path,
    kind: str = "JKS",
    name: str = "localhost",
    verifier: str = "AllowAll",
    script: str = "api-manager.sh",
    toml: str = CONFIGURATION,
) -> Path:
    """One whose certificate is for this name, and whose start script says this of names in certificates."""
    home = carbon_home(folder, toml, scripts=(script,))
    (home / "bin" / script).write_text(f'java \\\n  -Dhttpclient.hostnameVerifier="{verifier}" \\\n  x\n')
    suffix = {"JKS": "jks", "PKCS12": "p12"}[kind]
    for store, alias in (("wso2carbon", "wso2carbon"), ("client-truststore", "other")):
        file = security(home) / f"{store}.{suffix}"
        pair = ["-alias", alias, "-keyalg", "EC", "-dname", f"CN={name}", "-ext", f"san=dns:{name}"]
        options = ["-storetype", kind, "-keystore", str(file), "-storepass", PASSWORD, "-keypass", PASSWORD]
        subprocess.run(["keytool", "-genkeypair", *pair, *options], check=True, capture_output=True)
    return home
