"""Evidence against calibration by betting: products of factors that no honest confidence can make grow.

A row has an outcome o in [0, 1] whose mean m, given the past and the confidence, is allowed to lie in
[low, high]. A bet is a number c > -1 chosen before the outcome, and its factor is::

    f = (1 + c o) / (1 + c b)        b = low where c < 0 (a bet on overconfidence), else b = high

Its mean is (1 + c m) / (1 + c b) <= 1 for every allowed m. So a product of factors from any row s on
is, before row s, worth at most 1 in expectation; a mixture over bets k and starts s with weights that
sum to at most 1 is an e-process, and by Ville's inequality exceeds 1 / alpha ever with probability at
most alpha. With weights of 1 for every start it is the Shiryaev-Roberts e-detector, whose mean at row t
is at most t, so that crossing a level A takes at least A rows on average.

For a 0/1 outcome and c = exp(d) - 1 the factor is the likelihood ratio of the log-odds moved by d.
"""

from typing import NamedTuple

import numpy as np

# Moves of the log-odds, each both ways: neighbours differ by a factor of 2, so that some bet grows at
# no less than 0.83 of the best rate, 2 r - r^2 with r = sqrt(2) or sqrt(1 / 2), for moves of 0.05 to 1.7.
_MOVES = np.array([0.075, 0.15, 0.3, 0.6, 1.2])
# Moves in proportion to the log-odds themselves, as by temperatures 2.5, 1.4, 1.2 and 0.85, 0.7, 0.4.
_SLOPES = np.array([-0.6, -0.3, -0.15, 0.15, 0.3, 0.6])
_LARGEST_MOVE = 2.0  # no row multiplies evidence by more than exp(2), however sure it was
BETS = np.concatenate([-_MOVES[::-1], _MOVES, _SLOPES])
N_SHIFTS = 2 * _MOVES.size
# Shares of the stake. Small moves need many rows, each bet's share costs a fixed number of them: moves
# of 0.15 to 0.3 get more, the largest, which some twenty rows find, less.
_SHARES = np.array([1.0, 2.0, 2.0, 1.0, 0.5])
_LOG_SHARE = np.log(np.concatenate([_SHARES[::-1], _SHARES, np.full(_SLOPES.size, 2 / 3)]) / 17)
# What is not bet from the first row on is spread over later starts, about evenly over the first so many
# rows and then as 1 / (s log(s)^2), so that a late change costs log(s) only.
_START_SCALE = 100.0


class Wealth:
    """What bets have won, per part (rows of the arrays) and bet (columns); a part is any set of rows.

    Attributes
    ----------
    log_product : ndarray of shape (n_parts, n_bets)
        Log of the product F of all factors.
    log_starts : ndarray of shape (n_parts, n_bets)
        Log of the sum over starts s of stake_s / F_s; added to `log_product` it is the log of the
        mixture over starts.
    low, low_row : ndarray of shape (n_parts, n_bets)
        The smallest log product ever, and the row that followed it: where a change most likely began.
    n_rows : ndarray of shape (n_parts,), int
        Number of rows of the part.
    """

    def __init__(self, n_parts):
        shape = (n_parts, BETS.size)
        self.log_product = np.zeros(shape)
        self.log_starts = np.full(shape, -np.inf)
        self.low = np.zeros(shape)
        self.low_row = np.zeros(shape, dtype=np.int64)
        self.n_rows = np.zeros(n_parts, dtype=np.int64)

    def grow(self, n_parts):
        """Add parts that have seen no row."""
        new = vars(Wealth(n_parts))
        for name, value in vars(self).items():
            setattr(self, name, np.concatenate([value, new[name]]))

    def log_evidence(self):
        """Log of the mixture over starts and bets, of shape (n_parts,)."""
        return log_average((self.log_product + self.log_starts).T)


class Winnings(NamedTuple):
    """What a part has after each of some rows: `log_evidence` (n,), `log_mixture` and `log_product`.

    The latter two are per bet, of shape (n_bets, n).
    """

    log_evidence: np.ndarray
    log_mixture: np.ndarray
    log_product: np.ndarray


def log_factors(outcome, low, high, log_odds):
    """Log factors of shape (n_bets, n). Assumes 0 <= low <= high <= 1 and finite `log_odds`."""
    move = np.empty((BETS.size, outcome.size))
    move[:N_SHIFTS] = BETS[:N_SHIFTS, None]
    np.multiply(BETS[N_SHIFTS:, None], log_odds, out=move[N_SHIFTS:])
    np.clip(move, -_LARGEST_MOVE, _LARGEST_MOVE, out=move)
    c = np.expm1(move)
    bound = np.where(c < 0, low, high)
    return np.log((1 + c * outcome) / (1 + c * bound))


def spread(first, n, scale):
    """Shares `first`, ..., `first` + n - 1 of a whole: about even at first, then slowly falling.

    The shares from s on sum to 1 / (1 + log(1 + s / scale)).
    """
    left = 1 / (1 + np.log1p(np.arange(first, first + n + 1) / scale))
    return left[:-1] - left[1:]


def left_to_stake(n, at_once):
    """Sum of the stakes of all starts after `n` rows: what is not yet bet."""
    left = (1 - at_once) / (1 + np.log1p(n / _START_SCALE))
    return np.where(n == 0, 1.0, left)


def log_stakes(first, n, at_once):
    """Log stakes of the starts before rows `first`, ..., `first` + n - 1, which sum to at most 1.

    The share `at_once` is bet from the first row on; with None every start has the stake 1.
    """
    if at_once is None:
        return np.zeros(n)
    stake = (1 - at_once) * spread(first, n, _START_SCALE)
    if first == 0:
        stake[0] += at_once
    return np.log(stake)


def bet(wealth, part, factors, rows, at_once):
    """Put the log factors (n_bets, n) of a part's next rows on its wealth, in place.

    `rows` are the numbers of the rows in the stream. Sums run in the order of the rows from the sums so
    far, so that it makes no difference, not even by rounding, how rows are batched.
    """
    product = _running(np.add, wealth.log_product[part], factors)
    stakes = log_stakes(wealth.n_rows[part], rows.size, at_once)
    starts = _running(np.logaddexp, wealth.log_starts[part], stakes - product[:, :-1])
    _note_low(wealth, part, product[:, 1:], rows)
    wealth.log_product[part], wealth.log_starts[part] = product[:, -1], starts[:, -1]
    wealth.n_rows[part] += rows.size
    mixture = product[:, 1:] + starts[:, 1:]
    return Winnings(log_average(mixture), mixture, product[:, 1:])


def _running(ufunc, start, values):
    """Accumulate along rows, beginning with the start, which becomes the first column."""
    start = np.broadcast_to(start[:, None], (start.size, 1))
    return ufunc.accumulate(np.concatenate([start, values], axis=1), axis=1)


def _note_low(wealth, part, product, rows):
    """Keep the smallest log product of each bet, the first where it is reached twice."""
    at = product.argmin(axis=1)
    lowest = product[np.arange(at.size), at]
    lower = lowest < wealth.low[part]
    wealth.low[part][lower] = lowest[lower]
    wealth.low_row[part][lower] = rows[at[lower]] + 1


def log_average(log_mixture):
    """Log of the average over bets, the first axis, by their shares; of nothing but -inf it is -inf.

    The sum runs in the order of the bets whatever the shape, which `numpy.sum` does not promise.
    """
    values = log_mixture + _LOG_SHARE.reshape(-1, *[1] * (log_mixture.ndim - 1))
    top = values.max(axis=0)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(sum(np.exp(values - top))) + top
