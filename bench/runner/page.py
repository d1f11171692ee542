"""Fills the generated blocks of docs/performance.md with tables and plots. What is
outside of a block is prose, which stays."""

import re

import goals
import plots
import tables
from paths import DOCS

PAGE = DOCS / "performance.md"
BLOCK = r"(<!-- bench: (.+?) -->\n).*?(<!-- /bench -->)"
# Why a goal was missed: an item of the prose that begins with the goal's name.
REASON = r"^- \*\*(.+?)\*\*:"


def _machine(figures):
    machine = figures.get("machine")
    if not machine:
        return "Not measured yet: run `make bench`."
    tools = ", ".join(
        machine[tool] for tool in ("rust", "go", "nginx", "h2load") if machine.get(tool)
    )
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['kernel']}; {tools}."
    )


def _skipped(figures):
    lines = list(figures.get("not_built", []))
    for name, experiment in figures["experiments"].items():
        lines += [f"{name}: {line}" for line in tables.skipped(experiment)]
    return "\n".join(f"- {line}" for line in lines) or "Nothing was skipped."


def _experiment(folder, figures, name):
    experiment = figures["experiments"].get(name)
    if not experiment:
        return f"Not measured yet: run `make bench ONLY={name}`."
    title = experiment["title"]
    text = f"**{title[:1].upper()}{title[1:]}**\n\n{tables.markdown(experiment)}"
    plot = plots.plot(name, experiment)
    if plot:
        file = folder / "performance" / f"{name}.svg"
        file.write_text(plot)
        text += f"\n\n![{experiment['title']}](performance/{file.name})"
    if experiment["skipped"]:
        text += "\n\n" + "\n".join(f"- skipped: {line}" for line in tables.skipped(experiment))
    # Only loads have turns of a fixed time.
    rows = experiment.get("rows", {}).values()
    seconds = f" of {experiment['seconds']:g} s" if any("cpu_us" in row for row in rows) else ""
    commit = experiment["commit"]
    return f"{text}\n\nMedians of {experiment['rounds']} rounds{seconds}, at {commit}."


def _check_reasons(text, figures):
    """Says which missed goals have no reason in the prose, and which reasons no missed
    goal."""
    given, missed = set(re.findall(REASON, text, flags=re.MULTILINE)), goals.missed(figures)
    for goal in missed:
        if goal not in given:
            print(f"{PAGE}: say why this goal is missed: {goal}")
    for goal in given.difference(missed):
        print(f"{PAGE}: remove the reason, this goal is not missed: {goal}")


def write(folder, figures):
    """Writes the page and the plots into a folder."""
    blocks = {
        "machine": lambda: _machine(figures),
        "goals": lambda: goals.markdown(figures),
        "skipped": lambda: _skipped(figures),
    }

    def fill(match):
        name = match[2]
        block = blocks.get(name, lambda: _experiment(folder, figures, name))
        return f"{match[1]}\n{block()}\n\n{match[3]}"

    (folder / "performance").mkdir(parents=True, exist_ok=True)
    text = PAGE.read_text()
    (folder / PAGE.name).write_text(re.sub(BLOCK, fill, text, flags=re.DOTALL))
    _check_reasons(text, figures)
