"""When enough images were asked: looks that are planned beforehand, and what is said at the end."""

LEAST_BLOCKS = 4  # fewer say too little of how blocks differ
UNSETTLED = 0.1


def looks(blocks: int) -> tuple[int, ...]:
    """Return after how many blocks the results are looked at, if there are ``blocks`` at most.

    Examples
    --------
    >>> looks(4), looks(5), looks(12), looks(40)
    ((4,), (4, 5), (4, 6, 8, 12), (4, 6, 8, 12, 16, 24, 32, 40))
    """
    planned = [LEAST_BLOCKS]
    while planned[-1] < blocks:
        largest = 1 << (planned[-1].bit_length() - 1)
        following = largest * 3 // 2 if planned[-1] == largest else largest * 2
        planned.append(min(following, blocks))
    return tuple(planned)


def settled_note(chance: float, images: int, most: int, block: int) -> str:
    """Say how many images were asked, and whether another seed would find the same.

    Parameters
    ----------
    chance
        That another seed names fewer than 4 of the same 5 strongest regions.
    images, most, block
        Asked, asked at most, and in a block.

    Examples
    --------
    >>> settled_note(0.0, 320, 1000, 80)[:74]
    'Settled after 320 images: the chance that another seed would name other st'
    >>> settled_note(0.31, 960, 1000, 80)[:54]
    'Unsettled after 960 images: the chance that another se'
    """
    settled = chance <= UNSETTLED
    shown = "under 1 %" if chance < 0.01 else f"about {100 * chance:.0f} %"
    more = "" if settled else f" More samples than {most} would settle it." if images + block > most else ""
    return (
        f"{'Settled' if settled else 'Unsettled'} after {images} images: the chance that another seed would name other "
        f"strongest regions (fewer than 4 of the same 5) is {shown}.{more} The intervals cover which masks were drawn, "
        "not the choice of regions or of what hides them."
    )
