"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
# What is built, and what a run writes and nobody keeps.
BUILT = ROOT / "target" / "bench"
# The programs of the services.
PROGRAMS = BUILT / "programs"
# Tools that the Makefile installs.
TOOLS = ROOT / ".tools"
DOCS = ROOT / "docs"
