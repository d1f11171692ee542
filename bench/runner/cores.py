"""Which cores servers and load generators run on."""

import os

ALL = sorted(os.sched_getaffinity(0))


def of_server(count):
    """With one core, the server has it to itself; with more, it shares all of them."""
    return set(ALL[:1]) if count == 1 else set(ALL)


def of_load(count):
    return set(ALL[1:] or ALL) if count == 1 else set(ALL)
