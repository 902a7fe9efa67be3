"""The multivariate score as a textbook would write it: one group, one row, one channel at a time.

Plain Python numbers and loops; only the inverse of a matrix and the normal distribution are
borrowed. It knows nothing of gaps in time and keeps every surprise it ever gave.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

NORMAL = NormalDist()
LAGS, RIDGE, PRIOR, THEORY = 2, 0.01, 4.0, 30.0


def paulson(ratio: float, above: float, below: float) -> float:
    a, b = 2 / (9 * above), 2 / (9 * below)
    root = ratio ** (1 / 3)
    return ((1 - b) * root - (1 - a)) / math.sqrt(b * root**2 + a)


class NaiveGroup:
    def __init__(self, channels: int, window: int) -> None:
        self.channels, self.window = channels, window
        self.terms = channels * (LAGS + 2)
        self.warm = max(2 * self.terms, 32)
        self.refit_at = self.warm
        self.n = 0
        self.centre = [math.nan] * self.terms
        self.moments = np.zeros((self.terms, self.terms))
        self.model: tuple[list[float], list[float], np.ndarray, list[float]] | None = None
        self.rows: list[list[float]] = []
        self.residuals: list[list[float]] = []
        self.wander = [0.0] * channels
        self.heard = [0] * channels
        self.calm = 0

    def surprise(self, row: list[float]) -> float:
        """Of one row, learned at once: everything is trusted here."""
        terms = self._terms(row)
        self.residuals.append(self._residual(terms))
        pulls, means = [], []
        for channel in range(self.channels):
            there = [
                left[channel]
                for left in self.residuals[-self.window :]
                if not math.isnan(left[channel])
            ]
            mean = sum(there) / max(len(there), 1)
            means.append((mean, len(there)))
            if len(there) < max(2, self.window / 4):
                continue
            heard = self.heard[channel]
            usual = (self.wander[channel] * heard + PRIOR) / (heard + PRIOR * self.window)
            spread = math.sqrt(max(usual, 1 / self.window))
            pulls.append(mean / spread * math.sqrt(len(there) / self.window))
        worst = self._worst(pulls)
        if any(count == self.window for _, count in means):
            self.calm += not math.isnan(worst)
            for channel, (mean, count) in enumerate(means):
                if count == self.window:
                    self.heard[channel] += 1
                    step = 2 / (self.heard[channel] + 1)
                    self.wander[channel] += step * (mean**2 - self.wander[channel])
        self._learn(terms)
        self.rows.append(row)
        return worst

    def _terms(self, row: list[float]) -> list[float]:
        nothing = [math.nan] * self.channels
        past = [self.rows[-lag] if len(self.rows) >= lag else nothing for lag in (1, 2)]
        moves = [abs(new - old) for new, old in zip(row, past[0], strict=True)]
        return [*row, *past[0], *past[1], *moves]

    def _residual(self, terms: list[float]) -> list[float]:
        if self.model is None:
            return [math.nan] * self.channels
        middle, unit, weights, noise = self.model
        scaled = [
            0.0 if math.isnan(term - mid) else (term - mid) / one
            for term, mid, one in zip(terms, middle, unit, strict=True)
        ]
        left = []
        for channel in range(self.channels):
            value = sum(z * w for z, w in zip(scaled, weights[:, channel], strict=True))
            value = max(-20.0, min(20.0, value / noise[channel]))
            left.append(math.nan if math.isnan(terms[channel]) else value)
        return left

    def _worst(self, pulls: list[float]) -> float:
        if not pulls:
            return math.nan
        squares = sorted((pull**2 for pull in pulls), reverse=True)
        below = 1 + max(0.75 * self.calm / self.window, 1.0)
        worst = paulson(sum(squares) / len(squares), len(squares), below)
        for take in (1, 3):
            if take <= len(squares):
                alone = paulson(sum(squares[:take]) / take, take, below)
                likely = 0.5 * math.erfc(alone / math.sqrt(2)) * math.comb(len(squares), take)
                worst = max(worst, -NORMAL.inv_cdf(min(likely, math.exp(-0.3))))
        return worst

    def _learn(self, terms: list[float]) -> None:
        self.n += 1
        share = 1 / self.n
        steps = []
        for at, term in enumerate(terms):
            if math.isnan(self.centre[at]):
                self.centre[at] = term
            step = 0.0 if math.isnan(term) else term - self.centre[at]
            self.centre[at] += share * step
            steps.append(step)
        for i in range(self.terms):
            for j in range(self.terms):
                self.moments[i, j] = (1 - share) * (
                    self.moments[i, j] + share * steps[i] * steps[j]
                )
        if self.n >= self.refit_at:
            self.refit_at = self.n + max(8, self.n // 64)
            self._solve()

    def _solve(self) -> None:
        unit = [math.sqrt(self.moments[i, i]) for i in range(self.terms)]
        correlation = self.moments / np.outer(unit, unit)
        ridge = RIDGE + self.terms / self.n
        inverse = np.linalg.inv(correlation + ridge * np.eye(self.terms))
        weights = np.zeros((self.terms, self.channels))
        noise = []
        for channel in range(self.channels):
            move = self.terms - self.channels + channel
            # Condition on all terms but the channel's own move.
            row = inverse[channel] - inverse[channel, move] / inverse[move, move] * inverse[move]
            weights[:, channel] = row / row[channel]
            noise.append(math.sqrt(weights[:, channel] @ correlation @ weights[:, channel]))
        self.model = (list(self.centre), unit, weights, noise)
