"""`sparekey vendor`: make vendor keys and sign licenses."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from sparekey.cli import options
from sparekey.cli.output import print_json, print_note, print_table
from sparekey.core.terms import UNLIMITED, Terms
from sparekey.trust import (
    SignedLicense,
    UncheckedLicense,
    peek_license_file,
    read_license_file,
    read_request,
    vendor_keys,
)
from sparekey.vendor.folder import Issue, VendorFolder
from sparekey.vendor.orders import read_orders


@click.group()
def vendor() -> None:
    """Make vendor keys and sign licenses.

    \b
    Example:
      sparekey vendor init acme
      sparekey vendor issue order.toml --vendor acme --for request.json --out plant.lic
      sparekey vendor show plant.lic --vendor-key acme/vendor.pub.json
    """


@vendor.command()
@click.argument("folder", metavar="DIR", type=options.PATH)
@options.as_json
def init(folder: Path, as_json: bool) -> None:
    """Make a vendor key pair in DIR: vendor.key, to be kept secret, and vendor.pub.json, to be given away.

    \b
    Example:
      sparekey vendor init acme
    """
    office = VendorFolder(folder)
    thumbprint = office.create().thumbprint
    if as_json:
        print_json({"vendor": thumbprint, "key": str(office.private_key), "public_key": str(office.public_key)})
    else:
        click.echo(f"vendor key {thumbprint}")
        click.echo(f"  {office.private_key}  keep it secret, and a copy of it in a safe place")
        click.echo(f"  {office.public_key}  give it to every application and every license server")


@vendor.command()
@click.argument("order", metavar="ORDER.toml", type=options.PATH)
@click.option(
    "--vendor", "folder", metavar="DIR", type=options.PATH, required=True, help="The folder with the vendor key."
)
@click.option("--for", "request", metavar="REQUEST.json", type=options.PATH, help="The activation request of a server.")
@click.option("--demo", is_flag=True, help="Demo licenses, bound to no server; the order has demo_seconds.")
@click.option("--out", metavar="FILE.lic", type=options.PATH, required=True, help="The license file to write.")
@options.as_json
def issue(order: Path, folder: Path, request: Path | None, demo: bool, out: Path, as_json: bool) -> None:
    """Sign what ORDER.toml has into FILE.lic, for the license server that made REQUEST.json.

    A license without `serial` gets the next free number: 1-0001, 1-0002 ... DIR/issued.jsonl keeps what was issued. A
    serial number that is issued again replaces its older issue where it is installed.

    \b
    Example:
      sparekey vendor issue order.toml --vendor acme --for request.json --out plant.lic
      sparekey vendor issue demo.toml --vendor acme --demo --out demo.lic
    """
    if demo == (request is not None):
        raise click.UsageError("give either --for REQUEST.json or --demo: a license is bound to a server, or a demo")
    customer = read_request(request) if request else None
    orders = read_orders(order)
    issues = VendorFolder(folder).issue(orders, customer.container if customer else None, out, int(time.time()))
    _warn_of_moves(issues)
    if as_json:
        print_json({"file": str(out), "licenses": [_issue_facts(made) for made in issues]})
    else:
        serials = ", ".join(made.record.serial for made in issues)
        click.echo(f"{out}: {serials} for {customer.name if customer else 'demonstration'}")


@vendor.command()
@click.argument("file", metavar="FILE.lic", type=options.PATH)
@click.option("--vendor-key", metavar="FILE", help="Check the signatures with this vendor.pub.json.")
@options.as_json
def show(file: Path, vendor_key: str | None, as_json: bool) -> None:
    """Show what the licenses in FILE.lic permit, and check their signatures where a vendor key is given.

    \b
    Example:
      sparekey vendor show plant.lic --vendor-key vendor.pub.json
    """
    licenses: Sequence[SignedLicense | UncheckedLicense]
    licenses = read_license_file(file, vendor_keys(vendor_key)) if vendor_key else peek_license_file(file)
    if as_json:
        facts = [_license_facts(shown) for shown in licenses]
        print_json({"file": str(file), "signature_checked": bool(vendor_key), "licenses": facts})
        return
    for shown in licenses:
        print_table(("license", shown.terms.serial), _rows(shown))
        click.echo()
    click.echo("signature checked" if vendor_key else "signature not checked: give --vendor-key to check it")


def _warn_of_moves(issues: Sequence[Issue]) -> None:
    for made in issues:
        if made.moved_from:
            print_note(
                f"note: {made.record.serial} was issued for container {made.moved_from} before; "
                f"have it removed there: sparekey server remove STATE {made.record.serial}"
            )


def _issue_facts(made: Issue) -> dict[str, object]:
    record = made.record
    return {
        "serial": record.serial,
        "issued": record.issued,
        "product": record.product,
        "container": record.container,
        "moved_from": made.moved_from,
    }


def _license_facts(shown: SignedLicense | UncheckedLicense) -> dict[str, object]:
    container = shown.container.thumbprint if shown.container else None
    return {**shown.terms.as_json(), "container": container, "vendor": shown.vendor}


def _rows(shown: SignedLicense | UncheckedLicense) -> list[tuple[str, str]]:
    terms = shown.terms
    limits = ", ".join(f"{name} {_limit(limit)}" for name, limit in sorted(terms.limits.items()))
    return [
        ("product", f"{terms.product} {terms.version}"),
        ("seats", str(terms.seats)),
        ("limits", limits or "none"),
        ("modules", ", ".join(sorted(terms.modules)) or "none"),
        ("valid", _days(terms)),
        ("shared", "on the network" if terms.shared else "on the license server's own machine only"),
        ("issued", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(terms.issued))),
        ("container", shown.container.thumbprint if shown.container else f"none: demo, {terms.demo_seconds} s"),
        ("vendor", shown.vendor),
    ]


def _limit(limit: int) -> str:
    return "unlimited" if limit == UNLIMITED else str(limit)


def _days(terms: Terms) -> str:
    """Days as S7 counts them."""
    first = f"from {terms.valid_from} " if terms.valid_from else ""
    last = f"until the end of {terms.valid_until}" if terms.valid_until else "without end"
    return f"{first}{last} (UTC)"
