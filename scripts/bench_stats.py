"""Holds the statistics against peers on the same data: krippendorff and pingouin.

Usage: bench_stats.py PATH/TO/bench_stats
Needs the packages krippendorff and pingouin; prints each figure beside ours, and fails when they differ.
"""

import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
import krippendorff  # noqa: E402
import numpy  # noqa: E402
import pandas  # noqa: E402
import pingouin  # noqa: E402


def timed(run, rounds):
    best, figure = float("inf"), None
    for _ in range(rounds):
        start = time.process_time()
        figure = run()
        best = min(best, time.process_time() - start)
    return best, figure


def alpha(table):
    return krippendorff.alpha(table.T, level_of_measurement="ordinal")


def icc(table):
    units, judges = table.shape
    long = pandas.DataFrame(
        {
            "unit": numpy.repeat(numpy.arange(units), judges),
            "judge": numpy.tile(numpy.arange(judges), units),
            "value": table.ravel(),
        }
    )
    found = pingouin.intraclass_corr(long, targets="unit", raters="judge", ratings="value")
    by_form = found.set_index("Type")["ICC"]
    # Its names changed between releases.
    return by_form.get("ICC2", by_form.get("ICC(A,1)"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        lines = subprocess.run(
            [sys.argv[1], folder], check=True, capture_output=True, text=True
        ).stdout.splitlines()
        ours = {name: (float(cpu), float(figure)) for name, cpu, figure in (l.split("\t") for l in lines)}
        tables = {
            name: numpy.genfromtxt(Path(folder) / f"{name}.csv", delimiter=",")
            for name in ("alpha", "icc")
        }
    for name, (cpu, figure) in ours.items():
        print(f"{name:52} {cpu:9.4f} s   {figure:.9f}")
    for name, peer, run, rounds in [
        ("alpha, 50 x 20,000, ordinal, 80 % missing", "krippendorff", lambda: alpha(tables["alpha"]), 3),
        ("icc, six forms, 2,000 x 20", "pingouin", lambda: icc(tables["icc"]), 1),
    ]:
        cpu, figure = timed(run, rounds)
        own, mine = ours[name]
        print(f"{name}: {peer} {cpu:.4f} s ({cpu / own:.1f}x ours), {figure:.9f}")
        if abs(figure - mine) > 1e-6 * max(1.0, abs(mine)):
            sys.exit(f"{name}: {peer} finds {figure}, we find {mine}")


if __name__ == "__main__":
    main()
