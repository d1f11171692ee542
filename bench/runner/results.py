"""The results: a JSON file to which each run adds its experiments."""

import datetime
import json
import os
import platform
import re
import statistics
import subprocess
from pathlib import Path

from paths import ROOT


def _first_line(*command):
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    lines = (output.stdout or output.stderr).splitlines()
    return lines[0].strip() if lines else None


def machine():
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cpu": cpu[1] if cpu else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory[1]) / 2**20),
        "kernel": f"{platform.system()} {platform.release()}",
        "rust": _first_line("rustc", "--version"),
        "go": _first_line("go", "version"),
        "nginx": _first_line("nginx", "-v"),
        "h2load": _first_line("h2load", "--version"),
    }


def load(path):
    return json.loads(path.read_text()) if path.exists() else {"experiments": {}}


def save(path, results):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")


def add(results, name, experiment, rounds, seconds):
    """Adds an experiment; one of an earlier run is replaced."""
    commit = _first_line("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    now = datetime.datetime.now(datetime.UTC)
    experiment.update(
        rounds=rounds, seconds=seconds, commit=commit, at=now.isoformat(timespec="seconds")
    )
    results["machine"] = machine()
    results["experiments"][name] = experiment


def figure(results, name, row, key):
    """The median of a figure, or None if it was not measured."""
    experiment = results["experiments"].get(name, {})
    samples = experiment.get("rows", {}).get(row, {}).get(key)
    return statistics.median(samples) if samples else None


def at_count(results, name, row, count, key):
    """As `figure`, of an experiment with several numbers of connections."""
    counts = results["experiments"].get(name, {}).get("counts", {})
    samples = counts.get(row, {}).get(str(count), {}).get(key)
    return statistics.median(samples) if samples else None


def ratio(results, name, row, other, key):
    """The median of the ratios of a round, so that the machine's drift falls out."""
    rows = results["experiments"].get(name, {}).get("rows", {})
    pairs = zip(rows.get(row, {}).get(key, []), rows.get(other, {}).get(key, []))
    ratios = [own / its for own, its in pairs if its]
    return statistics.median(ratios) if ratios else None
