"""What is signed and by whom: keys, licenses, activation requests, lease tokens and refusals (T1)."""

from __future__ import annotations

from sparekey.trust.error import TrustError
from sparekey.trust.keys import KeySource, PrivateKey, PublicKey, vendor_keys
from sparekey.trust.lease import LeaseClaims, RefusalClaims, read_lease, read_refusal, sign_lease, sign_refusal
from sparekey.trust.license import (
    OtherVendorError,
    SignedLicense,
    UncheckedLicense,
    issue_license,
    peek_license,
    read_license,
)
from sparekey.trust.license_file import peek_license_file, read_license_file, write_license_file
from sparekey.trust.request import Request, make_request, read_request

__all__ = [
    "KeySource",
    "LeaseClaims",
    "OtherVendorError",
    "PrivateKey",
    "PublicKey",
    "RefusalClaims",
    "Request",
    "SignedLicense",
    "TrustError",
    "UncheckedLicense",
    "issue_license",
    "make_request",
    "peek_license",
    "peek_license_file",
    "read_lease",
    "read_license",
    "read_license_file",
    "read_refusal",
    "read_request",
    "sign_lease",
    "sign_refusal",
    "vendor_keys",
    "write_license_file",
]
