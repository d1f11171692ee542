"""Measurements in turns, so that a slow minute of the machine meets every row."""

import random


def interleaved(names, rounds, measure, skipped):
    """Calls `measure(name)`, which returns figures, once uncounted and then in each
    round, in a new order. Returns the figures by name, a list of one value per round.
    A name whose measurement fails goes to `skipped`, with the reason."""
    order = list(names)
    samples = {name: {} for name in order}

    def attempt(name):
        try:
            return measure(name)
        except (RuntimeError, OSError) as reason:
            skipped[name] = str(reason)
            order.remove(name)
            del samples[name]
            return {}

    for name in list(order):
        attempt(name)
    for round_number in range(rounds):
        # The same order in each run of the program.
        random.Random(round_number).shuffle(order)
        for name in list(order):
            for figure, value in attempt(name).items():
                samples[name].setdefault(figure, []).append(value)
    return samples
