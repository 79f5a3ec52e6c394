"""Installs what the tests use from the distribution where it is missing; without the right to, it says how to."""

from __future__ import annotations

import os
import shutil
import subprocess

NEEDED = {
    "curl": "curl",
    "spin": "spin",
    "gcc": "gcc",
    "faketime": "faketime",
    "ip": "iproute2",
    "nft": "nftables",
    "systemd-analyze": "systemd",
}
"""Programs, and the packages that bring them."""


def main() -> None:
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
