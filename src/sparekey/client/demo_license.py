"""The demo license of a system: where it is, and whether it would serve (R6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparekey.client.record import logger
from sparekey.core.entries import LicenseList
from sparekey.core.findings import Measure
from sparekey.core.terms import Terms
from sparekey.trust import PublicKey, TrustError, read_license_file

_ADVICE = (
    "it is the file demo.lic that the vendor of the application gives away (made by `sparekey vendor issue --demo`)"
)


def demo_terms(given: Path | None, config: Path, keys: Sequence[PublicKey]) -> Terms | None:
    """The demo license, where there is a good one: a bad one beside License.ini stops nobody."""
    try:
        return _read(given or config.parent / "demo.lic", keys)
    except FileNotFoundError as error:
        if given is None:
            return None
        raise _no_demo(error) from None
    except (TrustError, OSError) as error:
        if given is not None:
            raise _no_demo(error) from None
        logger.warning("%s", _no_demo(error))
        return None


def misfit(demo: Terms | None, entries: LicenseList, reference: Terms | None) -> str:
    """Why a demo license that the list allows will not serve; empty where it will. `reference`: see `Measure`."""
    measure = Measure(entries.initial.serial, reference, entries.product)
    if demo is None or not entries.demo or measure.suits_demo(demo):
        return ""
    product = entries.product or (reference.product if reference else "")
    return f"demo license {demo.serial} is for {demo.product} and will not serve {product}; {_ADVICE}"


def _read(path: Path, keys: Sequence[PublicKey]) -> Terms:
    licenses = read_license_file(path, keys)
    demos = [one.terms for one in licenses if one.terms.demo_seconds is not None]
    if not demos:
        raise TrustError(f"{path}: it has licenses of a license server, and no demo license")
    return demos[0]


def _no_demo(error: TrustError | OSError) -> TrustError:
    reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
    return TrustError(f"demo license: {reason}; {_ADVICE}")
