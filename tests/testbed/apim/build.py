"""The stand-in for WSO2 API Manager 4.7.0: a carbon home around the real Admin REST API, made from Maven
Central's artifacts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from ..kernel_files import SMALL_JVM, changed
from ..maven import TestbedError, compile_java, copy_dependencies, fingerprint, require_tool

HERE = Path(__file__).parent
HOME_NAME = "wso2am-4.7.0"
STORE_PASSWORD = "wso2carbon"

# What of the kernel's plugins the Admin API's classes need.
KERNEL_PLUGINS = (
    "axiom", "axis2_", "commons-io", "commons-lang_", "h2-engine", "javax.cache.wso2", "org.eclipse.osgi_",
    "org.ops4j.pax.logging.pax-logging-api",
    "org.wso2.carbon.base", "org.wso2.carbon.core.commons.stub", "org.wso2.carbon.core_",
    "org.wso2.carbon.queuing", "org.wso2.carbon.registry.api",
    "org.wso2.carbon.registry.core", "org.wso2.carbon.securevault", "org.wso2.carbon.user.api",
    "org.wso2.carbon.user.core", "org.wso2.carbon.utils",
    "org.wso2.securevault",
)  # fmt: skip

# The kernel's script becomes the product's: its name, its hostname verifier, and a small JVM.
SCRIPT_CHANGES = (
    ("bin/wso2server.sh", "bin/api-manager.sh"),
    ('hostnameVerifier="DefaultAndLocalhost"', 'hostnameVerifier="AllowAll"'),
    SMALL_JVM,
    # The verifier would look for classes that Maven Central lacks and that are never used.
    (
        "    $JAVA_OPTS \\\n",
        "    $JAVA_OPTS \\\n    -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote \\\n",
    ),
    # As in the product, something runs beside the server, and a trap ends it.
    (
        'while [ "$status" = "$START_EXIT_STATUS" ]\n',
        'sh "$CARBON_HOME/bin/diagnostics.sh" &\nDIAGNOSTICS=$!\n'
        "trap 'kill -TERM $DIAGNOSTICS 2> /dev/null' EXIT\n\n"
        'while [ "$status" = "$START_EXIT_STATUS" ]\n',
    ),
    # Both name classes of the kernel that are not in this home.
    ("    -Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager \\\n", ""),
    (
        "    -Djavax.xml.parsers.DocumentBuilderFactory=org.apache.xerces.jaxp.DocumentBuilderFactoryImpl"
        " \\\n",
        "",
    ),
)


# The kernel's carbon.xml names its own stores; the product's is rendered with those of the home.
CARBON_XML_CHANGES = (
    ("/wso2carbon.p12", "/wso2carbon.jks"),
    ("/client-truststore.p12", "/client-truststore.jks"),
    ("<Type>PKCS12</Type>", "<Type>JKS</Type>"),
)


def build(cache: Path) -> Path:
    """Return a template home below `cache`; a server's home is a copy of it."""
    cache.mkdir(parents=True, exist_ok=True)
    own = ("build.py", "deps", "home", "java")
    sources = [*(HERE / name for name in own), HERE.parent / "kernel_files.py"]
    target = cache / f"apim-home-{fingerprint(sources)[:12]}"
    if not target.is_dir():
        jars = cache / "apim-jars"
        copy_dependencies(HERE / "deps", jars)
        with tempfile.TemporaryDirectory(dir=cache, prefix="apim-building-") as work:
            assemble(jars, Path(work) / "made" / HOME_NAME, Path(work))
            os.rename(Path(work) / "made", target)
    return target / HOME_NAME


def assemble(jars: Path, home: Path, work: Path) -> None:
    """Make a complete home in folder `home`, with `work` for intermediate files."""
    components = home / "repository/components"
    for folder in ("testbed", "product", "libraries", "webapp-libraries", "kernel"):
        (components / folder).mkdir(parents=True)
    for folder in (
        "bin",
        "lib",
        "tmp",
        "repository/conf",
        "repository/database",
        "repository/logs",
        "repository/resources/security",
    ):
        (home / folder).mkdir(parents=True)
    install_libraries(jars, components)
    install_admin_api(the_only(jars, "org.wso2.carbon.apimgt.rest.api.admin.v1-*.war"), home)
    install_kernel(the_only(jars, "wso2carbon-core-*.zip"), home, work)
    compile_all(home, work)
    shutil.copy(HERE / "home/deployment.toml", home / "repository/conf")
    # The gateway's health check is answered by the server; what tells that it is there is its folder.
    (home / "repository/deployment/server/webapps/api#am#gateway#v2/WEB-INF").mkdir(parents=True)
    shutil.copy(HERE / "home/diagnostics.sh", home / "bin")
    shutil.copy(HERE / "home/version.txt", home / "bin")
    shutil.copy(HERE / "home/wso2carbon-version.txt", home / "bin")


def the_only(folder: Path, pattern: str) -> Path:
    """Return the one file in `folder` that matches."""
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise TestbedError(f"Expected one {pattern} in {folder}, found {len(found)}.")
    return found[0]


def install_libraries(jars: Path, components: Path) -> None:
    """Put the product's jars before those of others, as linked files where the file system allows."""
    for jar in sorted(jars.glob("*.jar")):
        folder = "product" if jar.name.startswith("org.wso2.") else "libraries"
        try:
            os.link(jar, components / folder / jar.name)
        except OSError:
            shutil.copy(jar, components / folder / jar.name)


def install_admin_api(war: Path, home: Path) -> None:
    """Install the Admin REST API; its classes go to the server's class loader, its descriptor to the web
    application.
    """
    classes = home / "repository/components/product/org.wso2.carbon.apimgt.rest.api.admin.v1.jar"
    webapp = home / "repository/deployment/server/webapps/api#am#admin"
    with zipfile.ZipFile(war) as archive, zipfile.ZipFile(classes, "w") as jar:
        archive.extract("WEB-INF/web.xml", webapp)
        for entry in archive.infolist():
            if entry.filename.startswith("WEB-INF/classes/") and not entry.is_dir():
                jar.writestr(entry.filename.removeprefix("WEB-INF/classes/"), archive.read(entry))
    # The war's OSGi classes are an older copy of the kernel's.
    extract_flat(
        war,
        home / "repository/components/webapp-libraries",
        lambda name: name.startswith("WEB-INF/lib/") and "osgi.foundation" not in name,
    )


def install_kernel(kernel: Path, home: Path, work: Path) -> None:
    """Install the kernel's plugins, start script and stores."""
    extract_flat(
        kernel, home / "repository/components/kernel",
        lambda name: "/plugins/" in name and name.rpartition("/")[2].startswith(KERNEL_PLUGINS),
    )  # fmt: skip
    extract_flat(
        kernel,
        work,
        lambda name: name.endswith(
            (
                "/bin/wso2server.sh",
                "/repository/conf/carbon.xml",
                "/security/wso2carbon.p12",
                "/security/client-truststore.p12",
            )
        ),
    )
    (home / "repository/conf/carbon.xml").write_text(changed(work / "carbon.xml", CARBON_XML_CHANGES))
    (home / "bin/api-manager.sh").write_text(changed(work / "wso2server.sh", SCRIPT_CHANGES))
    (home / "bin/api-manager.sh").chmod(0o755)
    for name in ("wso2carbon", "client-truststore"):
        convert_to_jks(work / f"{name}.p12", home / f"repository/resources/security/{name}.jks")


def extract_flat(archive: Path, into: Path, wanted: Callable[[str], bool]) -> None:
    """Extract the wanted files of a zip file, without their folders."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            if not entry.is_dir() and wanted(entry.filename):
                (into / entry.filename.rpartition("/")[2]).write_bytes(opened.read(entry))


def convert_to_jks(source: Path, target: Path) -> None:
    """Write a PKCS12 store as the JKS store that API Manager 4.7 ships."""
    done = subprocess.run(
        [
            require_tool("keytool"), "-importkeystore", "-noprompt", "-srckeystore", str(source),
            "-srcstorepass", STORE_PASSWORD,
            "-destkeystore", str(target), "-deststoretype", "JKS", "-deststorepass", STORE_PASSWORD,
        ],
        capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    if done.returncode:
        raise TestbedError(f"Converting {source.name} failed: {(done.stdout + done.stderr)[-500:]}")


def compile_all(home: Path, work: Path) -> None:
    """Compile the bootstrap class, and the stand-ins with the server, each into the jar that is
    found first."""
    java = HERE / "java"
    components = home / "repository/components"
    libraries = ":".join(
        f"{components / folder}/*" for folder in ("product", "libraries", "webapp-libraries", "kernel")
    )
    compile_java((java / "bootstrap").rglob("*.java"), "", work / "bootstrap")
    make_jar([work / "bootstrap"], home / "bin/testbed-bootstrap.jar")

    compile_java((java / "compileonly").rglob("*.java"), libraries, work / "compileonly")
    sources = [*(java / "standins").rglob("*.java"), *(java / "server").rglob("*.java")]
    compile_java(sources, f"{work / 'compileonly'}:{libraries}", work / "server")
    make_jar([work / "server", java / "server"], components / "testbed/testbed.jar")


def make_jar(folders: list[Path], jar: Path) -> None:
    """Pack classes and resources, but no sources."""
    with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in folders:
            for file in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".java"):
                archive.write(file, file.relative_to(folder))
