"""What ansible-test runs to have pip in its environments, by the interpreter's own means: pip as it comes with Python installs the version wanted."""

import ensurepip
import subprocess
import sys

# The script that ansible-test expects knows these; pip itself does not.
OWN_OPTIONS = {"--no-setuptools", "--no-wheel"}

ensurepip.bootstrap()
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", *(word for word in sys.argv[1:] if word not in OWN_OPTIONS)], check=False).returncode)
