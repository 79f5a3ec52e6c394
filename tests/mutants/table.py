"""All mutants."""

from __future__ import annotations

from .choices import CHOICES
from .drain import DRAIN
from .holders import HOLDERS
from .ledgers import LEDGERS
from .mutant import Mutant
from .seats import SEATS
from .shells import SHELLS

MUTANTS: tuple[Mutant, ...] = (*SEATS, *LEDGERS, *CHOICES, *HOLDERS, *DRAIN, *SHELLS)
