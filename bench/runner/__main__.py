"""Runs the experiments, prints their tables, and writes JSON, plots and the page."""

import argparse
import resource
import sys

import build
import clients
import connections
import page
import results
import serving
import startup
import tables
import workloads
from paths import BUILT, DOCS

ROUNDS, SECONDS = 5, 2
# Enough to see that all parts run.
QUICK_ROUNDS, QUICK_SECONDS = 1, 1


def experiments(rounds, seconds):
    """The experiments by name, in the order of the page."""
    found = {
        load.name: lambda load=load: serving.rpc(load, rounds, seconds) for load in workloads.RPCS
    }
    found["greeter-workers"] = lambda: serving.workers(rounds, seconds)
    found["greeter-envoy"] = lambda: serving.through_envoy(rounds, seconds)
    for load in workloads.HTTPS:
        found[load.name] = lambda load=load: serving.http(load, rounds, seconds)
    found["hello-greet"] = lambda: serving.greet(rounds, seconds)
    found["client-load"] = lambda: clients.load(rounds, seconds)
    found["client-cold"] = lambda: clients.cold(rounds)
    found["client-late"] = lambda: clients.late(rounds, seconds)
    found["connections"] = lambda: connections.memory(False, rounds)
    found["connections-tls"] = lambda: connections.memory(True, rounds)
    found["startup"] = lambda: startup.startup(rounds)
    return found


def arguments():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, help=f"of each experiment (default: {ROUNDS})")
    parser.add_argument("--seconds", type=int, help=f"of load in a turn (default: {SECONDS})")
    parser.add_argument("--only", default="", help="experiments whose name contains a word of this")
    parser.add_argument(
        "--quick", action="store_true", help="one short round; the page stays as it is"
    )
    parser.add_argument("--no-build", action="store_true", help="measure what has been built")
    parser.add_argument("--list", action="store_true", help="print the names of the experiments")
    parser.add_argument("--page", action="store_true", help="only write the page from the JSON")
    return parser.parse_args()


def selected(names, only):
    words = only.split()
    chosen = [name for name in names if not words or any(word in name for word in words)]
    if not chosen:
        sys.exit(f"bench: no experiment matches {only!r}; the names are: {' '.join(names)}")
    return chosen


def attempt(measure, name):
    """An experiment that fails as a whole is skipped, too."""
    try:
        return measure()
    except (RuntimeError, OSError) as reason:
        return {"title": name, "rows": {}, "skipped": {"all": str(reason)}}


def main():
    options = arguments()
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    known = experiments(rounds, seconds)
    folder = BUILT if options.quick else DOCS
    path = folder / "performance" / "results.json"
    figures = results.load(path)
    if options.list:
        print("\n".join(known))
        return
    if not options.page:
        chosen = selected(known, options.only)
        # 10,000 connections, and as many in the servers.
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if not options.no_build:
            figures["not_built"] = build.everything()
        for name in chosen:
            experiment = attempt(known[name], name)
            results.add(figures, name, experiment, rounds, seconds)
            results.save(path, figures)
            print(f"\n{name}: {experiment['title']}\n{tables.text(experiment)}", flush=True)
    page.write(folder, figures)
    print(f"\nwritten: {folder / 'performance.md'}, from {path}")


if __name__ == "__main__":
    main()
