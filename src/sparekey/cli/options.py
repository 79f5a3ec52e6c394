"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

config_file = click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    help="License.ini; else SPAREKEY_CONFIG names it, else it is in the site's configuration folder.",
)
state_folder = click.option(
    "--state", type=click.Path(path_type=Path), help="The state folder; else SPAREKEY_STATE, else the user's own."
)
vendor_key = click.option(
    "--vendor-key",
    type=click.Path(path_type=Path),
    help="The vendor's key; else SPAREKEY_VENDOR_KEY, else vendor.pub.json beside License.ini.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
