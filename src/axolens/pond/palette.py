"""The colour varieties of each animal, and the colours of light, as 8-bit sRGB."""

from typing import NamedTuple

Colour = tuple[int, int, int]


class Coat(NamedTuple):
    """One variety: the paints of its parts, and the pattern that its marks form on the skin."""

    back: Colour
    belly: Colour
    mark: Colour
    accent: Colour
    accent2: Colour
    eye: Colour
    pattern: str


def _coat(colours: str, pattern: str) -> Coat:
    """Read six colours in hexadecimal: back, belly, mark, accent, second accent and eye."""
    back, belly, mark, accent, accent2, eye = (_colour(word) for word in colours.split())
    return Coat(back, belly, mark, accent, accent2, eye, pattern)


def _colour(word: str) -> Colour:
    return int(word[0:2], 16), int(word[2:4], 16), int(word[4:6], 16)


COATS: dict[str, dict[str, Coat]] = {
    "axolotl": {
        "golden": _coat("eec458 fae296 ffe896 ec7860 f8dc8c d6aa3c", "mottle"),
        "white": _coat("f0e4e0 fcf2ee fad6d2 e85c68 f8e2e0 282222", "mottle"),
        "copper": _coat("b07048 d6a076 824c30 be5442 c48862 c43c46", "mottle"),
        "wild": _coat("5c583a 8c8464 303022 84464a 78704c d6aa3c", "mottle"),
        "black": _coat("2c2a32 4a4650 1a191f 582c3e 3e3a46 282222", "mottle"),
        "pink": _coat("f0a8b0 faced0 f8bec4 d63c60 fac8ce c43c46", "mottle"),
    },
    "newt": {
        "brown": _coat("7c5838 ec9230 462e1e 966c46 966c46 d6aa3c", "spots"),
        "olive": _coat("6c743a f0c646 343a1e 808648 808648 d6aa3c", "spots"),
        "black": _coat("2e2c30 e66e28 18171a 3c3a40 3c3a40 d6aa3c", "spots"),
        "orange": _coat("e0742c f6b050 782c16 e8823c e8823c d6aa3c", "spots"),
        "white": _coat("ece2d8 fad696 ceb29e f0e6dc f0e6dc c43c46", "spots"),
    },
    "iguana": {
        "green": _coat("689c3e aac46e 3a602c c4c878 96b45a d6aa3c", "bands"),
        "brown": _coat("886c48 baa076 543e2a ceb482 b09268 d6aa3c", "bands"),
        "black": _coat("303034 565456 18181c 706a66 4c484a d6aa3c", "bands"),
        "orange": _coat("d87632 ecac68 883e1e f6c478 e49250 d6aa3c", "bands"),
        "golden": _coat("e8c660 f8e4a0 cc9c3c fcecb4 f0d682 c43c46", "bands"),
    },
    "chameleon": {
        "green": _coat("56aa4a a6d078 d8dc6e c8d878 82c060 6eb458", "stripes"),
        "brown": _coat("8c6842 be9e70 5c3e28 be9e70 a67e52 96724a", "stripes"),
        "black": _coat("323036 565258 1c1b20 625c62 48444c 423e46", "stripes"),
        "orange": _coat("e27c30 f4ba6a aa3824 facc78 ec964c e88c40", "stripes"),
        "white": _coat("e0e0ce f4f0e2 b4be96 f4f0e2 e8e6d6 e2dec8", "stripes"),
    },
    "gecko": {
        "golden": _coat("ecc85c faeab4 604630 f0d26e f0d26e d6aa3c", "spots"),
        "brown": _coat("967452 d2ba96 583e2a aa8662 aa8662 d6aa3c", "bands"),
        "black": _coat("343236 605c5e 1c1b1e 423e42 423e42 d6aa3c", "bands"),
        "orange": _coat("e88638 fac88c f4e2be ec964c ec964c c43c46", "bands"),
        "green": _coat("60b046 b8dc8c ce4632 78be5a 78be5a d6aa3c", "spots"),
    },
    "goldfish": {
        "orange": _coat("f07c24 fabe64 ce5418 f6963c faa050 ece8dc", "scales"),
        "white": _coat("eeeae4 fcfaf6 d6ccc6 faf6f0 f6ece6 d6aa3c", "scales"),
        "black": _coat("302e32 545050 18181c 3c383c 423e42 d6aa3c", "scales"),
        "golden": _coat("f0c854 fce8a0 cea032 fadc78 fade82 ece8dc", "scales"),
        "copper": _coat("ac6c42 dcaa78 7a462a be7e50 c4885a ece8dc", "scales"),
    },
}
GLINT, DARK = (255, 255, 252), (16, 13, 15)
LIGHTS: dict[str, tuple[float, float, float]] = {
    "neutral": (1.0, 1.0, 1.0),
    "warm": (1.10, 0.99, 0.82),
    "cold": (0.86, 0.98, 1.12),
}
