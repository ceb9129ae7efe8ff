import numpy as np
import pytest

from axolens.errors import InputError
from axolens.maths.proportions import mcnemar, paired_difference, wilson


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


@pytest.mark.parametrize(
    ("mended", "harmed", "p"),
    [
        (0, 0, 1.0),
        (5, 0, 0.0625),  # 2 / 32
        (1, 5, 0.21875),  # 2 (1 + 6) / 64
        (4, 4, 1.0),
        (10, 2, 0.03857),  # 2 (1 + 12 + 66) / 4096
    ],
)
def test_mcnemar_by_hand(mended, harmed, p):
    assert mcnemar(mended, harmed) == pytest.approx(p, abs=1e-5)
    assert mcnemar(harmed, mended) == mcnemar(mended, harmed)


def test_mcnemar_agrees_with_the_binomial_test():
    scipy_stats = pytest.importorskip("scipy.stats")
    for mended in range(0, 60, 7):
        for harmed in range(1, 50, 6):
            expected = scipy_stats.binomtest(mended, mended + harmed, 0.5).pvalue
            assert mcnemar(mended, harmed) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_refuses_negative_counts():
    with pytest.raises(InputError, match="counts of at least 0"):
        mcnemar(-1, 3)


@pytest.mark.parametrize(
    ("mended", "harmed", "total", "low", "high"),
    [
        # a = 11/102, b = 1/102: 0.098039 ± 1.95996 sqrt((0.117647 − 0.0096117) / 102)
        (10, 0, 100, 0.03425, 0.16183),
        # 21/102, 11/102: 0.098039 ± 1.95996 sqrt((0.313725 − 0.0096117) / 102)
        (20, 10, 100, -0.00898, 0.20506),
        (0, 0, 1, -0.92393, 0.92393),  # ± 1.95996 sqrt((2/3) / 3)
    ],
)
def test_the_paired_interval_by_hand(mended, harmed, total, low, high):
    assert paired_difference(mended, harmed, total) == pytest.approx((low, high), abs=1e-5)
    assert paired_difference(harmed, mended, total) == pytest.approx((-high, -low), abs=1e-5)


def test_the_paired_interval_holds_the_truth_as_often_as_it_says():
    # 2,000 draws of 200 pictures that become right with 0.15 and wrong with 0.05; 0.90 ± three standard errors.
    rng = np.random.default_rng(4)
    counts = rng.multinomial(200, (0.15, 0.05, 0.8), size=2000)
    intervals = (paired_difference(int(mended), int(harmed), 200, level=0.9) for mended, harmed, _ in counts)
    held = sum(low <= 0.1 <= high for low, high in intervals)
    assert abs(held / 2000 - 0.9) < 3 * (0.9 * 0.1 / 2000) ** 0.5


@pytest.mark.parametrize(("mended", "harmed", "total"), [(-1, 0, 4), (3, 2, 4), (0, 0, 0)])
def test_impossible_pairs_are_refused(mended, harmed, total):
    with pytest.raises(InputError, match="together at most"):
        paired_difference(mended, harmed, total)
