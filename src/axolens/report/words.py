"""Numbers and places in words, and strings from outside made safe to show."""

import math
import re
import unicodedata
from collections.abc import Collection

from axolens.records.attribution import Attribution
from axolens.records.target import Target

SCORE_NAMES = {"log-odds": "log-odds", "logit": "logit", "probability": "probability"}
OWN_SCALE = "Colours compare places within one map only: each map has its own scale."
JOINERS = "\u200c\u200d"  # needed to write Persian, Indic scripts and emoji


def visible(text: str) -> str:
    r"""Spell out control characters, text direction overrides and broken bytes, which could disguise a name.

    Examples
    --------
    >>> visible("photo\u202egpj.exe")
    'photo\\u202egpj.exe'
    """
    return "".join(ascii(char)[1:-1] if _hidden(char) else char for char in text)


def label(name: str) -> str:
    """Return a class's name for reading: spaces for underscores.

    Examples
    --------
    >>> label("common_iguana")
    'common iguana'
    """
    return name.replace("_", " ").strip() or name


def sentence(text: str, names: Collection[str]) -> str:
    """Return a sentence with the class names in it made readable; names of files stay as they are.

    Parameters
    ----------
    text
        The sentence.
    names
        The classes it may name.

    Examples
    --------
    >>> sentence("common_iguana/a_b.jpg was taken for green_lizard.", {"common_iguana", "green_lizard"})
    'common_iguana/a_b.jpg was taken for green lizard.'
    """

    def read(found: re.Match[str]) -> str:
        word = found[0].strip("'\",.;:()")
        return found[0].replace(word, label(word)) if word in names else found[0]

    return re.sub(r"\S*_\S*", read, text)


def question(target: Target) -> str:
    """Return what a map explains, with its classes made readable.

    Examples
    --------
    >>> question(Target("common_iguana", against="axolotl"))
    'common iguana rather than axolotl'
    """
    against = target.against_name
    return label(target.name) if against is None else f"{label(target.name)} rather than {label(against)}"


def probability(value: float) -> str:
    """Return a probability with three places, never rounded to a certainty that the model does not state.

    Examples
    --------
    >>> probability(0.9541), probability(0.00001), probability(0.99999), probability(1.0)
    ('0.954', '< 0.001', '> 0.999', '1.000')
    """
    if math.isnan(value):
        return "not a number"
    if 0 < value < 0.0005:
        return "< 0.001"
    return "> 0.999" if 0.9995 <= value < 1 else f"{value:.3f}"


def number(value: float) -> str:
    """Return a number with three significant digits and a true minus sign.

    Examples
    --------
    >>> number(-0.12345), number(float("nan"))
    ('−0.123', 'not a number')
    """
    return "not a number" if math.isnan(value) else f"{value:.3g}".replace("-", "−")


def signed(value: float) -> str:
    """Return a change of log-odds with its sign and two places.

    Examples
    --------
    >>> signed(2.314), signed(-0.5), signed(-0.001), signed(float("inf"))
    ('+2.31', '−0.50', '0.00', '+∞')
    """
    if math.isnan(value):
        return "not a number"
    text = f"{value:+.2f}".replace("inf", "∞")
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", "−")


def span(low: float, high: float) -> str:
    """Return a range of changes.

    Examples
    --------
    >>> span(-0.25, 1.5)
    '−0.25 to +1.50'
    """
    return f"{signed(low)} to {signed(high)}"


def percent(share: float) -> str:
    """Return a share from 0 to 1 as a percentage.

    Examples
    --------
    >>> percent(0.666), percent(0.9999), percent(1.0)
    ('67 %', '99.9 %', '100 %')
    """
    rounded = round(100 * share)
    return "99.9 %" if rounded == 100 and share < 1 else f"{rounded} %"


def ordinal(place: int) -> str:
    """Return a place in an order.

    Examples
    --------
    >>> [ordinal(place) for place in (1, 2, 3, 11, 22)]
    ['1st', '2nd', '3rd', '11th', '22nd']
    """
    ending = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def place(across: float, down: float) -> str:
    """Say where on a photo a point lies, in thirds.

    Parameters
    ----------
    across, down
        From the left and from the top, as shares of width and height.

    Examples
    --------
    >>> place(0.1, 0.1), place(0.5, 0.5), place(0.9, 0.5), place(0.5, 0.9)
    ('upper left', 'middle', 'right', 'bottom')
    """
    column = ("left", "", "right")[min(2, int(3 * across))]
    row = ("upper", "", "lower")[min(2, int(3 * down))]
    alone = {"upper": "top", "lower": "bottom", "": "middle"}
    return f"{row} {column}".strip() if column else alone[row]


def sides(target: Target) -> tuple[str, str]:
    """Say what negative and positive values of a map mean.

    Examples
    --------
    >>> sides(Target("iguana", against="axolotl")), sides(Target("axolotl"))
    (('speaks for axolotl', 'speaks for iguana'), ('speaks against axolotl', 'speaks for axolotl'))
    """
    name, against = label(target.name), target.against_name
    negative = f"speaks against {name}" if against is None else f"speaks for {label(against)}"
    return negative, f"speaks for {name}"


def scale(attribution: Attribution, limit: float, shared: bool) -> str:
    """Say what full colour means on a map, and whether it may be compared with another photo's.

    Parameters
    ----------
    attribution
        The map.
    limit
        Absolute value at full colour, in the map's unit.
    shared
        Whether the photo beside it is drawn on the same scale.
    """
    if attribution.unit == "relative":
        return OWN_SCALE
    text = f"Full colour is ±{number(limit)} ({SCORE_NAMES[attribution.target.score]})."
    return text + (" Both photos are drawn on this scale." if shared else "")


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in JOINERS
