"""Installs what the tests use beside Python packages: programs of the distribution, and an OPC UA client from npm.

Without the right to, it says how to; the tests that need it are skipped then, with the reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NEEDED = {
    "curl": "curl",
    "spin": "spin",
    "gcc": "gcc",
    "faketime": "faketime",
    "ip": "iproute2",
    "nft": "nftables",
    "systemd-analyze": "systemd",
    "npm": "npm",
    "mosquitto_passwd": "mosquitto",
}
"""Programs, and the packages that bring them."""


NODE_CLIENT = Path(__file__).parent / "notify" / "opcua_client"
"""Git ignores what npm installs there."""
NPM_INSTALL = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")


def main() -> None:
    install_programs()
    install_node_client()


def install_node_client() -> None:
    if (NODE_CLIENT / "node_modules" / "node-opcua-client").is_dir():
        return
    if not shutil.which("npm"):
        print("not installed: node-opcua, which takes npm; tests of OPC UA with it are skipped")
        return
    print("installing an OPC UA client for the tests with npm: node-opcua-client", flush=True)
    if subprocess.run(NPM_INSTALL, cwd=NODE_CLIENT, check=False).returncode:
        print("npm could not install node-opcua; tests of OPC UA with it are skipped")


def install_programs() -> None:
    missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"not installed: {names}; tests that need them are skipped. Install with: sudo apt-get install {names}")
        return
    print(f"installing what the tests need from the distribution: {names}", flush=True)
    subprocess.run(("apt-get", "update", "-q"), check=False, stdout=subprocess.DEVNULL)
    subprocess.run(("apt-get", "install", "-y", "-q", *missing), check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
