"""What ansible-test runs to have pip in its environments, by the interpreter's own means: pip as it comes
with Python installs the version wanted.
"""

import ensurepip
import os
import subprocess
import sys

# The script that ansible-test expects knows these; pip itself does not.
OWN_OPTIONS = {"--no-setuptools", "--no-wheel"}

environment = dict(os.environ)  # ensurepip switches the user's own settings of pip off in it
ensurepip.bootstrap()
command = [
    sys.executable,
    "-m",
    "pip",
    "install",
    *(word for word in sys.argv[1:] if word not in OWN_OPTIONS),
]
sys.exit(subprocess.run(command, env=environment, check=False).returncode)
