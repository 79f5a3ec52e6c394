"""The one exception of this package."""

from __future__ import annotations


class TrustError(ValueError):
    """A key, a license or a token that is not what it should be; the text says what does not fit, and no secret."""
