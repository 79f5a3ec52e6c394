"""`python -m sparekey` is the command `sparekey`."""

from __future__ import annotations

from sparekey.cli import main

main(prog_name="sparekey")
