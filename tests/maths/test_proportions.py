import pytest

from axolens.errors import InputError
from axolens.maths.proportions import wilson


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        # 8 of 10: z² = 3.8415; middle (0.8 + 0.19207)/1.38415 = 0.71674;
        # half 1.95996 sqrt(0.016 + 0.0096037)/1.38415 = 0.22658
        (8, 10, 0.4902, 0.9433),
        # 20 of 23: spread 0.16702; middle (0.86957 + 0.08351)/1.16702 = 0.81667;
        # half 1.95996 sqrt(0.0049314 + 0.0018155)/1.16702 = 0.13795
        (20, 23, 0.6787, 0.9546),
        # without a hit the upper end is z²/(n + z²) = 3.8415/13.8415
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_the_interval_is_the_one_worked_out_by_hand(hits, total, low, high):
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-4)


def test_both_ends_are_exact_where_every_or_no_draw_hits():
    assert wilson(0, 7)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0


def test_hits_and_misses_mirror_each_other_and_more_draws_narrow_the_interval():
    low, high = wilson(3, 12)

    assert wilson(9, 12) == pytest.approx((1 - high, 1 - low))
    assert high - low > wilson(30, 120)[1] - wilson(30, 120)[0]
    assert wilson(3, 12, level=0.5)[1] < high


def test_nothing_counted_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "total", "level"), [(-1, 3, 0.95), (4, 3, 0.95), (1, 3, 0.0), (1, 3, 1.0)])
def test_impossible_counts_and_levels_are_refused(hits, total, level):
    with pytest.raises(InputError, match="expected"):
        wilson(hits, total, level)
