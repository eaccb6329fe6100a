"""ECGs that are known because they are made: every wave a Gaussian, every point of it by formula.

Nothing here uses the code under test. The QRS begins and ends where its own waves pass `EDGE_MV` in
the earliest and the latest lead; the ST level is the clean signal at that end against that begin.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEADS: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
EDGE_MV: Final = 0.02
# mV of P, Q, R, S and T in each lead; III to aVF follow from I and II.
_FREE: Final = {
    "I": (0.08, -0.05, 0.70, -0.10, 0.22),
    "II": (0.14, -0.08, 1.10, -0.15, 0.30),
    "V1": (0.05, 0.00, 0.25, -0.95, -0.08),
    "V2": (0.06, 0.00, 0.45, -1.40, 0.35),
    "V3": (0.06, 0.00, 0.80, -1.00, 0.45),
    "V4": (0.07, -0.05, 1.50, -0.60, 0.45),
    "V5": (0.07, -0.10, 1.60, -0.30, 0.38),
    "V6": (0.07, -0.10, 1.20, -0.12, 0.30),
}


class Plan(NamedTuple):
    """What to make; the defaults are a clean resting ECG."""

    seed: int = 1
    rate_hz: float = 500.0
    seconds: float = 10.0
    per_min: float = 70.0
    rhythm: str = "sinus"
    """sinus, irregular (no P, f waves, RR as in fibrillation) or ectopic (every fifth or so)."""
    qrs_scale: float = 1.0
    st_mm: tuple[float, ...] = (0.0,) * len(LEADS)
    """What is added from the J point on, before the T wave's own foot."""
    st_slope_mm_s: float = 0.0
    noise_mv: float = 0.0
    wander_mv: float = 0.0
    hum_mv: float = 0.0
    hum_hz: float = 50.0
    lsb_nv: float = 5000.0
    leads: tuple[str, ...] = LEADS


class Made(NamedTuple):
    samples: NDArray[np.int32]
    r_samples: Floats
    """R peaks, ectopic ones too, in samples."""
    ectopic: NDArray[np.bool_]
    onset_ms: float
    """Of a normal beat's QRS against its R, negative."""
    j_ms: float
    st_mm: Floats
    """Of each lead at the J point against the QRS onset."""
    rr_ms: float


def _sizes(lead: str) -> Floats:
    one, two = np.array(_FREE["I"]), np.array(_FREE["II"])
    limb = {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    return limb[lead] if lead in limb else np.array(_FREE[lead])


class _Beat:
    """One normal beat as functions of ms from R."""

    def __init__(self, plan: Plan, rr_ms: float) -> None:
        stretch = np.sqrt(min(rr_ms, 1200.0) / 1000.0)
        self.sizes = np.array([_sizes(lead) for lead in plan.leads])
        scale = plan.qrs_scale * (1.0 if rr_ms > 400 else 0.85)
        self.centres = np.array([-26.0, 0.0, 28.0]) * scale
        self.sigmas = np.array([7.0, 9.0, 9.0]) * scale
        t = np.arange(-300.0, 300.0)
        qrs = np.abs(self.qrs(t)).max(axis=1) > EDGE_MV
        self.onset_ms, self.j_ms = float(t[qrs][0]), float(t[qrs][-1])
        self.t_ms = self.j_ms + 205.0 * stretch
        self.t_sigma = 42.0 * stretch
        self.p_ms = self.onset_ms - (75.0 if rr_ms > 600 else 45.0)
        self.p_sigma = 18.0 if rr_ms > 600 else 11.0
        self.st = np.array(plan.st_mm)[: len(plan.leads)] / 10.0
        self.slope = plan.st_slope_mm_s / 10.0 / 1000.0
        self.has_p = plan.rhythm != "irregular"

    def qrs(self, t: Floats) -> Floats:
        bumps = np.exp(-0.5 * ((t[:, None] - self.centres) / self.sigmas) ** 2)
        out: Floats = bumps @ self.sizes[:, 1:4].T
        return out

    def whole(self, t: Floats) -> Floats:
        out = self.qrs(t)
        out += np.exp(-0.5 * ((t - self.t_ms) / self.t_sigma) ** 2)[:, None] * self.sizes[:, 4]
        if self.has_p:
            out += np.exp(-0.5 * ((t - self.p_ms) / self.p_sigma) ** 2)[:, None] * self.sizes[:, 0]
        # The ST level comes up within the QRS and goes down with the T wave.
        up = 1.0 / (1.0 + np.exp(-(t - self.j_ms + 24.0) / 4.0))
        down = 1.0 / (1.0 + np.exp((t - self.t_ms - self.t_sigma) / (self.t_sigma / 3.0)))
        level = self.st + np.sign(self.st) * self.slope * (t[:, None] - self.j_ms)
        out += (up * down)[:, None] * np.where(self.st == 0.0, 0.0, level)
        return out


def _ectopic(t: Floats, sizes: Floats) -> Floats:
    lead = np.sign(sizes[:, 2] + sizes[:, 3]) * -1.2
    out: Floats = np.exp(-0.5 * (t / 32.0) ** 2)[:, None] * lead
    out -= np.exp(-0.5 * ((t - 240.0) / 60.0) ** 2)[:, None] * lead * 0.35
    return out


def _times(plan: Plan, rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """R peaks in ms from before the record's begin to after its end, and which are ectopic."""
    rr_ms = 60_000.0 / plan.per_min
    end = plan.seconds * 1000.0
    at, times, early = -2 * rr_ms + rng.uniform(0, rr_ms), [], []
    since = 0
    while at < end + 2 * rr_ms:
        ectopic = plan.rhythm == "ectopic" and since >= 3 and rng.random() < 0.4
        since = 0 if ectopic else since + 1
        times.append(at - 0.35 * rr_ms if ectopic else at)
        early.append(ectopic)
        spread = rr_ms * (0.25 if plan.rhythm == "irregular" else 0.02)
        at += max(rr_ms + rng.normal(0, spread), 0.55 * rr_ms, 250.0)
    return np.array(times), np.array(early)


def make(plan: Plan) -> Made:
    rng = np.random.default_rng(plan.seed)
    count = int(plan.seconds * plan.rate_hz)
    t = np.arange(count) * 1000.0 / plan.rate_hz
    rr_ms = 60_000.0 / plan.per_min
    beat = _Beat(plan, rr_ms)
    times, ectopic = _times(plan, rng)
    rows = np.zeros((count, len(plan.leads)))
    for r_ms, early in zip(times, ectopic, strict=True):
        near = np.abs(t - r_ms) < 900.0
        if early:
            rows[near] += _ectopic(t[near] - r_ms, beat.sizes)
        else:
            rows[near] += beat.whole(t[near] - r_ms)
    if plan.rhythm == "irregular":
        drift = np.cumsum(rng.normal(0, 0.02, count))
        rows += 0.04 * np.sin(2 * np.pi * 6.0 * t / 1000.0 + drift)[:, None]
    for lead in range(len(plan.leads)):
        slow = 0.15 + 0.2 * rng.random()
        phases = rng.uniform(0, 2 * np.pi, 3)
        rows[:, lead] += plan.wander_mv * np.sin(2 * np.pi * slow * t / 1000.0 + phases[0])
        rows[:, lead] += plan.wander_mv * 0.3 * np.sin(2 * np.pi * 0.05 * t / 1000.0 + phases[1])
        hum = 2 * np.pi * plan.hum_hz * t / 1000.0
        rows[:, lead] += plan.hum_mv * rng.uniform(0.5, 1.0) * np.sin(hum + phases[2])
    rows += rng.normal(0, max(plan.noise_mv, 1e-12), rows.shape)
    # The level that the T wave's foot and the P wave add is part of the signal, so of the truth.
    ends = beat.whole(np.array([beat.onset_ms, beat.j_ms]))
    inside = (times >= 0) & (times < plan.seconds * 1000.0)
    return Made(
        samples=np.rint(rows * 1e6 / plan.lsb_nv).astype(np.int32),
        r_samples=times[inside] * plan.rate_hz / 1000.0,
        ectopic=ectopic[inside],
        onset_ms=beat.onset_ms,
        j_ms=beat.j_ms,
        st_mm=(ends[1] - ends[0]) * 10.0,
        rr_ms=rr_ms,
    )
