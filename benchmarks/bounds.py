"""One-sided 95 % bounds of a share: Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404."""

from scipy.stats import beta


def bounds(hits: int, total: int) -> tuple[float, float]:
    """Return the lower and the upper bound, each at 95 % by itself."""
    low = float(beta.ppf(0.05, hits, total - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.95, hits + 1, total - hits)) if hits < total else 1.0
    return low, high
