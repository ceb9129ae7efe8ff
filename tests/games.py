"""Worths of coalitions, and what each region is due, by the definition."""

from itertools import permutations

import numpy as np


def by_definition(value, regions):
    """The mean over all orders of what a region adds to those before it."""
    found = np.zeros(regions)
    orders = list(permutations(range(regions)))
    for order in orders:
        shown = np.zeros((1, regions), bool)
        for region in order:
            before = value(shown)[0]
            shown[0, region] = True
            found[region] += value(shown)[0] - before
    return found / len(orders)


def interacting(seed, regions):
    draw = np.random.default_rng(seed)
    first, pairs, bent = draw.normal(size=regions), draw.normal(size=(regions, regions)), draw.normal(size=regions)

    def value(keep):
        z = keep.astype(float)
        return z @ first + ((z @ pairs) * z).sum(axis=1) / 2 + 3 * np.tanh(z @ bent)

    return value
