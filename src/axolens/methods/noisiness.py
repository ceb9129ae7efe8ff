"""How much of a sampled map is noise, in words."""


def noise_note(share: float) -> str:
    """Say which share of a map's variance is sampling noise.

    Examples
    --------
    >>> noise_note(0.1234), noise_note(0.001)[:41]
    ('About 12 % of what differs between places of this map is sampling noise; more samples make it less.', \
'Less than 1 % of what differs between pla')
    """
    about = "Less than 1" if share < 0.005 else f"About {100 * min(share, 1):.0f}"
    return f"{about} % of what differs between places of this map is sampling noise; more samples make it less."
