"""What a process uses, as Linux counts it."""

from __future__ import annotations

import os
from pathlib import Path


def cpu(pid: int) -> float:
    """Seconds of a core that it has used, in user mode and for system calls (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Bytes of memory that are its own or that it has a share in."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024
