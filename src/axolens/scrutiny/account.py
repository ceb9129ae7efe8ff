"""What is asked about a map: the usual account, and the full one."""

from dataclasses import dataclass

from axolens.errors import InputError
from axolens.scrutiny.hiding import FILLS, check_fills


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How much is asked about a map.

    Parameters
    ----------
    shares
        Of the picture's cells that are hidden in turn, rising, between 0 and 1; 0.2 must be among them.
    fills
        What is seen in hidden cells, at least two.
    orders
        Which end of a map is hidden first: "most" important (deletion), "least" (insertion backwards), or both.
    swaps
        Maps of other photos that a map is held against, at least 19: below that no p reaches 0.05.
    noises
        Maps of smooth noise.
    repeats
        Maps under harmless variations and other seeds, for stability and class sensitivity; 0 leaves both out.
    lend
        Most images that one map of another photo may cost; where a method's maps cost more, the map itself is moved,
        turned and mirrored in their place.
    photos, seeds
        For the randomisation of weights: how many photos, how many random networks; 0 leaves it out.

    Raises
    ------
    InputError
        If one of these is out of range.

    Examples
    --------
    >>> USUAL.curve_images(maps=1), FULL.curve_images(maps=1)
    (230, 920)
    """

    shares: tuple[float, ...] = (0.05, 0.1, 0.2, 0.35, 0.5)
    fills: tuple[str, ...] = FILLS
    orders: tuple[str, ...] = ("most",)
    swaps: int = 19
    noises: int = 2
    repeats: int = 0
    lend: int = 4
    photos: int = 0
    seeds: int = 0

    def __post_init__(self) -> None:
        """Refuse an account that no verdict could rest on."""
        rising = all(a < b for a, b in zip((0.0, *self.shares), (*self.shares, 1.0), strict=True))
        if not rising or HIDDEN_SHARE not in self.shares:
            raise InputError("shares", expected=f"rising between 0 and 1, {HIDDEN_SHARE} among them", got=self.shares)
        if len(set(self.fills)) < 2:
            raise InputError("fills", expected="at least two fills", got=self.fills)
        if not self.orders or set(self.orders) - {"most", "least"}:
            raise InputError("orders", expected='"most", "least" or both', got=self.orders)
        for name, least in (("swaps", 19), ("noises", 1), ("repeats", 0), ("photos", 0), ("seeds", 0)):
            if getattr(self, name) < least:
                raise InputError(name, expected=f"at least {least}", got=getattr(self, name))
        check_fills(self.fills)

    @property
    def readings(self) -> tuple[tuple[str, str], ...]:
        """Every order under every fill."""
        return tuple((order, fill) for order in self.orders for fill in self.fills)

    @property
    def each(self) -> int:
        """How many images a map's curves take."""
        return len(self.readings) * len(self.shares)

    def curve_images(self, maps: int) -> int:
        """Return how many images the curves take, for ``maps`` maps of one method: what is shared is asked once."""
        return self.each * (self.swaps + 1 + maps * (1 + self.noises))

    def remade_images(self, method: int, maps: int) -> int:
        """Return how many images go into maps of other photos and maps made again, where one map costs ``method``."""
        if method > self.lend:
            return 0
        again = 1 + self.repeats if self.repeats else 0
        return method * (self.swaps + maps * again) + self.swaps

    def random_images(self, method: int) -> int:
        """Return how many images the randomisation takes, once for a model and method."""
        return method * self.photos * (1 + len(STAGES) * self.seeds) + self.photos


STAGES = (0.5, 1.0)
"""Which share of the weight tensors is shuffled, from the scores down; the last is all at once."""
HIDDEN_SHARE = 0.2
"""Share of the picture that is hidden for the agreement with an intervention."""
USUAL = Account()
FULL = Account(
    shares=(0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6),
    orders=("most", "least"),
    repeats=19,
    lend=64,
    photos=10,
    seeds=3,
)
