# SPDX-License-Identifier: EUPL-1.2
"""The command as an auditor runs it."""

import os
import subprocess
import sys
from pathlib import Path


def heitje(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in an empty folder, with nothing of ours in its environment."""
    command = [sys.executable, "-m", "heitje", *arguments]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
