"""Every way in which an emulator can be lax, by name, with the probes that must find it out."""

from __future__ import annotations

from tests.support import lax_batches, lax_cells, lax_grid, lax_reads
from tests.support.lax import LAXITIES, LaxEmulator

MODULES = (lax_batches, lax_grid, lax_cells, lax_reads)
"""What fills the table when it is imported."""

__all__ = ["LAXITIES", "MODULES", "LaxEmulator"]
