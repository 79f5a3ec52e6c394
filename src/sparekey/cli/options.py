"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

PATH = click.Path(path_type=Path, readable=False)
"""A file or folder. Whether it may be read is told by who reads it, with what to do; the doctor tells it as a fault."""

config_file = click.option(
    "--config",
    "path",
    type=PATH,
    help="License.ini; else SPAREKEY_CONFIG names it, else it is in the site's configuration folder.",
)
state_folder = click.option("--state", type=PATH, help="The state folder; else SPAREKEY_STATE, else the user's own.")
vendor_key = click.option(
    "--vendor-key",
    type=PATH,
    help="The vendor's key; else SPAREKEY_VENDOR_KEY, else vendor.pub.json beside License.ini.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
