"""ECG measurements: R peaks, J points and ST levels, beside neurokit2 and wfdb in the same run.

Synthetic 12-lead records whose beats, J points and ST levels are known because they were made
(tests/property/ecg_truth.py, which knows nothing of the detectors): rates of 30 to 220 a minute,
250 to 1,000 samples a second, wide QRS, ectopic beats, fibrillation-like intervals, noise, wander,
hum. A beat counts as found within 150 ms (ANSI/AAMI EC57); within 150 ms of the record's ends
nothing is counted. The peers read one lead, so ours reads that lead alone as well as all twelve.

The shared records have no annotations: for them the table says only how far the detectors agree.
"""

import argparse
import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final, NamedTuple

import numpy as np

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests/property")]

from ecg_truth import Made, Plan, make  # noqa: E402 (the folders named above)

from ecg_peers import Detector, Floats, absent, detectors, neurokit_j  # noqa: E402 (as above)
from ecg_records import records  # noqa: E402 (as above)
from goldenhour.compute.ecg.measure import Measurement, measure  # noqa: E402 (as above)

NEAR_S: Final = 0.15
AGREE_S: Final = 0.1
GOAL_BEATS: Final = 0.995
GOAL_J_MS: Final = 10.0
GOAL_ST_MM: Final = 0.5
PER_MIN: Final = (30.0, 45.0, 60.0, 75.0, 100.0, 140.0, 180.0, 220.0)
RATES_HZ: Final = (250.0, 360.0, 500.0, 1000.0)
RHYTHMS: Final = ("sinus", "sinus", "irregular", "ectopic")
# White noise, wander and hum in mV: a quiet room, a stretcher, a moving ambulance.
SURROUNDINGS: Final = ((0.005, 0.05, 0.0), (0.02, 0.3, 0.05), (0.05, 0.5, 0.1))
USUAL_PER_MIN: Final = 140.0
USUAL: Final = f"up to {USUAL_PER_MIN:.0f}/min"
LEAD: Final = "II"
ECG_LEADS: Final = frozenset(
    ("i", "ii", "iii", "avr", "avl", "avf", "v", "v1", "v2", "v3", "v4", "v5", "v6", "mcl1")
)


class Counts:
    """Beats found, missed and invented."""

    def __init__(self) -> None:
        self.hit = self.missed = self.false = 0

    def add(self, found: Floats, truth: Floats, near: float, end: int) -> None:
        def inside(at: Floats) -> Floats:
            return at[(at > near) & (at < end - near)]

        free = list(found)
        for beat in truth:
            nearest = min(free, key=lambda at: abs(at - beat), default=np.inf)
            if abs(nearest - beat) <= near:
                free.remove(nearest)
                self.hit += int(near < beat < end - near)
            else:
                self.missed += int(near < beat < end - near)
        self.false += len(inside(np.array(free)))

    def told(self) -> dict[str, float]:
        return {
            "sensitivity": round(self.hit / max(self.hit + self.missed, 1), 5),
            "ppv": round(self.hit / max(self.hit + self.false, 1), 5),
        }


class Errors(NamedTuple):
    """Of one record."""

    j_ms: list[float]
    st_mm: list[float]
    leads_none: int


def plan_of(seed: int, seconds: float) -> Plan:
    rng = np.random.default_rng(seed)
    noise, wander, hum = SURROUNDINGS[seed % len(SURROUNDINGS)]
    return Plan(
        seed=seed,
        rate_hz=float(rng.choice(RATES_HZ)),
        seconds=seconds,
        per_min=PER_MIN[seed % len(PER_MIN)],
        rhythm=str(rng.choice(RHYTHMS)),
        qrs_scale=float(rng.choice([1.0, 1.3, 1.6])),
        st_mm=tuple(np.where(rng.random(12) < 0.5, rng.uniform(-3, 4, 12), 0.0).tolist()),
        st_slope_mm_s=float(rng.choice([0.0, 5.0, 10.0])),
        noise_mv=noise,
        wander_mv=wander,
        hum_mv=hum,
        hum_hz=float(rng.choice([50.0, 50.1, 60.0])),
    )


def all_leads(plan: Plan, made: Made) -> Measurement:
    return measure(made.samples, plan.leads, plan.rate_hz, plan.lsb_nv)


def j_errors_ms(ends: Floats, plan: Plan, made: Made) -> list[float]:
    """Of each J point that was found, against the nearest true one; normal beats only."""
    truth = made.r_samples[~made.ectopic] + made.j_ms * plan.rate_hz / 1000
    ectopic = made.r_samples[made.ectopic]
    near = NEAR_S * plan.rate_hz
    return [
        float(min(end - truth, key=abs)) * 1000 / plan.rate_hz
        for end in ends
        if len(truth) and not (np.abs(ectopic - end) < 2 * near).any()
    ]


def errors_of(plan: Plan, made: Made, found: Measurement) -> Errors:
    levels = [lead.st_j_mm for lead in found.leads]
    return Errors(
        j_ms=j_errors_ms(np.array(found.j_points, float), plan, made),
        st_mm=[
            float(level - truth)
            for level, truth in zip(levels, made.st_mm, strict=True)
            if level is not None
        ],
        leads_none=levels.count(None),
    )


def spread(values: list[float]) -> dict[str, Any]:
    if not values:
        return {"n": 0}
    sizes = np.abs(values)
    return {
        "n": len(values),
        "p50": round(float(np.percentile(sizes, 50)), 3),
        "p95": round(float(np.percentile(sizes, 95)), 3),
        "bias": round(float(np.median(values)), 3),
    }


def accuracy(seeds: range, seconds: float, peers: dict[str, Detector]) -> dict[str, Any]:
    names = ("ours_12_leads", "ours_one_lead", *peers)
    # The peers were not made for the fastest hearts, so the usual rates stand alone as well.
    bands = {band: {name: Counts() for name in names} for band in ("all", USUAL)}
    raised = dict.fromkeys(peers, 0)
    j_ms: list[float] = []
    st_mm: list[float] = []
    peer_j_ms: list[float] = []
    none: dict[str, int] = {}
    for seed in seeds:
        plan = plan_of(seed, seconds)
        made = make(plan)

        def count(name: str, peaks: Floats, plan: Plan = plan, made: Made = made) -> None:
            for band, beats in bands.items():
                if band == "all" or plan.per_min <= USUAL_PER_MIN:
                    near = NEAR_S * plan.rate_hz
                    beats[name].add(peaks, made.r_samples, near, len(made.samples))

        found = all_leads(plan, made)
        at = plan.leads.index(LEAD)
        alone = measure(made.samples[:, at], [LEAD], plan.rate_hz, plan.lsb_nv)
        count("ours_12_leads", np.array(found.r_peaks, float))
        count("ours_one_lead", np.array(alone.r_peaks, float))
        one = errors_of(plan, made, found)
        j_ms += one.j_ms
        st_mm += one.st_mm
        for lead in found.leads:
            if lead.reason:
                none[lead.reason] = none.get(lead.reason, 0) + 1
        lead_mv: Floats = made.samples[:, at].astype(float) * (plan.lsb_nv / 1e6)
        for name, detect in peers.items():
            try:
                peaks = detect(lead_mv, plan.rate_hz)
            except Exception:  # noqa: BLE001 (whatever a peer raises is its answer: no beats)
                raised[name] += 1
                peaks = np.zeros(0)
            count(name, peaks)
        if "neurokit2" in peers:
            peer_j_ms += j_errors_ms(neurokit_j(lead_mv, plan.rate_hz), plan, made)
    return {
        "beats": {
            band: {name: counts.told() for name, counts in beats.items()}
            for band, beats in bands.items()
        },
        "n_beats": bands["all"]["ours_12_leads"].hit + bands["all"]["ours_12_leads"].missed,
        "raised": raised,
        "j_ms": {"ours": spread(j_ms), "neurokit2_dwt_one_lead": spread(peer_j_ms)},
        "st_mm": spread(st_mm),
        "leads_without_level": {"of": 12 * len(seeds), **none},
    }


def times(repetitions: int, peers: dict[str, Detector]) -> dict[str, Any]:
    """Processor milliseconds for one window of 10 s and 12 leads at 500 Hz, in turns."""
    plan = Plan(seed=1, noise_mv=0.02, wander_mv=0.3, hum_mv=0.05)
    made = make(plan)
    leads_mv: Floats = made.samples.T.astype(float) * plan.lsb_nv / 1e6

    def of_all(detect: Detector) -> None:
        for lead in leads_mv:
            detect(lead, plan.rate_hz)

    works: dict[str, Any] = {"ours_all_measurements": lambda: all_leads(plan, made)}
    for name, detect in peers.items():
        works[f"{name}_r_peaks_of_12_leads"] = lambda detect=detect: of_all(detect)
    if "neurokit2" in peers:
        works["neurokit2_delineation_of_12_leads"] = lambda: of_all(neurokit_j)
    took: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()  # imported and warm
    for _ in range(repetitions):
        for name, work in works.items():
            begun = process_time()
            work()
            took[name].append((process_time() - begun) * 1000)
    return {
        name: {"p50": round(median(v), 1), "min": round(min(v), 1), "max": round(max(v), 1)}
        for name, v in took.items()
    }


def agreement(peers: dict[str, Detector], seconds: int) -> dict[str, Any]:
    """On the shared records: what the peers agree on and we have too, and what we have alone.

    There is no truth here: an agreement may be wrong.
    """
    table: dict[str, Any] = {}
    for record in records():
        ecg = [n for n, lead in enumerate(record.leads) if lead.casefold() in ECG_LEADS]
        if not ecg or not peers:
            continue
        window = 10 * record.rate_hz
        agreed = ours_too = ours = alone = 0
        each = dict.fromkeys(peers, 0)
        for first in range(0, min(len(record.samples), seconds * record.rate_hz), window):
            rows = record.samples[first : first + window][:, ecg]
            if len(rows) < window:
                break
            scale = [record.lsb_nv[n] for n in ecg]
            found = measure(rows, [record.leads[n] for n in ecg], record.rate_hz, scale)
            ends = AGREE_S * record.rate_hz
            mine = np.array(found.r_peaks, float)
            at = min(1, len(ecg) - 1)
            lead_mv: Floats = rows[:, at].astype(float) * (scale[at] / 1e6)
            theirs: list[Floats] = []
            for name, detect in peers.items():
                try:
                    theirs.append(detect(lead_mv, record.rate_hz))
                except Exception:  # noqa: BLE001 (as above)
                    print(
                        f"{record.name}: {name}: {traceback.format_exc(limit=0)}", file=sys.stderr
                    )
                    theirs.append(np.zeros(0))

            for name, beats in zip(peers, theirs, strict=True):
                each[name] += int(((beats > ends) & (beats < window - ends)).sum())

            def has(beats: Floats, at: float, within: float = ends) -> bool:
                return bool((np.abs(beats - at) <= within).any())

            common = [b for b in theirs[0] if all(has(other, b) for other in theirs[1:])]
            inside = [b for b in mine if ends < b < window - ends]
            agreed += len(common)
            ours_too += sum(has(mine, b) for b in common)
            ours += len(inside)
            alone += sum(not any(has(other, b) for other in theirs) for b in inside)
        table[record.name] = {
            "agreed_by_peers": agreed,
            "of_these_ours_too": ours_too,
            "beats": {"ours": ours, **each},
            "ours_that_no_peer_has": alone,
        }
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=192, help="synthetic ones")
    parser.add_argument("--first-seed", type=int, default=1000, help="those below served to tune")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each synthetic record")
    parser.add_argument("--repetitions", type=int, default=9, help="of the timing")
    parser.add_argument("--without-peers", action="store_true", help="quick; never passes")
    options = parser.parse_args(arguments)
    peers = {} if options.without_peers else detectors()
    seeds = range(options.first_seed, options.first_seed + options.records)
    found = accuracy(seeds, options.seconds, peers)
    took = times(options.repetitions, peers)
    own = found["beats"]["all"]["ours_12_leads"]
    theirs = {name: found["beats"]["all"][name] for name in peers}
    best = max((min(t.values()) for t in theirs.values()), default=None)
    worst_own = min(own.values())
    complete = not options.without_peers and not absent()
    result = {
        "name": "ecg-beats",
        "value": worst_own,
        "unit": "the lower of sensitivity and PPV of R peaks, synthetic 12-lead records",
        "goal": f">= {GOAL_BEATS} and >= every peer; "
        f"J p95 <= {GOAL_J_MS} ms, ST p95 <= {GOAL_ST_MM} mm",
        "pass": complete
        and best is not None
        and worst_own >= max(GOAL_BEATS, best)
        and found["j_ms"]["ours"].get("p95", np.inf) <= GOAL_J_MS
        and found["st_mm"].get("p95", np.inf) <= GOAL_ST_MM,
        "n": found["n_beats"],
        "spread": found,
        "peer": "the better of neurokit2, wfdb xqrs and gqrs on lead II, the same figure",
        "peer_value": best,
        "ratio": None if best is None else round(worst_own / best, 4),
        "cpu_ms": took,
        "shared_records_agreement": agreement(peers, 60),
        "peers_absent": "left out by --without-peers"
        if options.without_peers
        else ", ".join(f"{name}: not installed, see the group bench" for name in absent()),
    }
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
