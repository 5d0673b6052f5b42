"""Does a calibration table cost more than the group_by that DuckDB would run anyway?

Rows are generated inside DuckDB and stored in a file of its own, with 2 GB of memory. "bare" adds up
confidence and correctness per tenth of the confidence; "bare, 4 sums" also adds their products, which a
table holds too. These and the table take turns, 15 times; the median of the processor time counts, which
a busy machine moves less than the clock. The table with weights and a group, the curve and the
temperature run once; memory is the peak of the whole process.

On two shared cores, 1e8 rows: 0.78 s of processor time bare, 0.92 s bare with 4 sums, 1.21 s the table:
1.6 times a group_by that lacks the products, 1.3 times one that has them. Numbers of bins are small
integers, for which DuckDB adds up in an array; with larger ones, which it hashes, the table took 2.3
times the bare query. What is left is the comparison with the edge, which puts a confidence of 0.3 into
the bin that ends there in every engine. 2.0 s with weights and four groups, 2.8 s for 10 000 points of
risk and coverage, 18 s for the temperature (a few scans with logarithms and exponentials). Peak memory
was 1.65 GiB, the cache of DuckDB for the table itself included.
"""

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import duckdb

from sklearn_calib import TemperatureScaler
from sklearn_calib.frames import fit_from_frame, risk_coverage_from_frame, table_from_frame

STATED = {"confidence": "sure", "correct": "right"}
BARE = """
SELECT CAST(floor(sure * 10) AS INTEGER) AS bin, count(*), sum(sure), sum("right"::DOUBLE){more}
FROM log GROUP BY bin
"""
PRODUCTS = ', sum(sure * sure), sum(sure * "right"::DOUBLE)'


def seconds_in_turns(runs, repeats):
    """Median processor time, and the least time, of each of several runs; all take turns."""
    times = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            wall, processor = time.perf_counter(), time.process_time()
            run()
            now = time.process_time() - processor, time.perf_counter() - wall
            times[name].append(now)
    return {
        name: (statistics.median(t[0] for t in own), min(t[1] for t in own))
        for name, own in times.items()
    }


def main(n_rows, threads, repeats):
    with tempfile.TemporaryDirectory() as folder:
        settings = {"memory_limit": "2GB", "threads": threads, "temp_directory": folder}
        connection = duckdb.connect(str(Path(folder) / "log.duckdb"), config=settings)
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            f"""CREATE TABLE log AS SELECT sure, random() < sure * sure AS "right",
            random() AS weight, CAST(3 * random() AS INTEGER) AS team
            FROM (SELECT random() AS sure FROM range({n_rows}))"""
        )
        log = connection.table("log")
        runs = {
            "bare": lambda: connection.execute(BARE.format(more="")).fetchall(),
            "bare, 4 sums": lambda: connection.execute(BARE.format(more=PRODUCTS)).fetchall(),
            "table": lambda: table_from_frame(log, **STATED),
            "table, weights and groups": lambda: table_from_frame(
                log, **STATED, weight="weight", by="team"
            ),
            "risk-coverage, 10 000 points": lambda: risk_coverage_from_frame(log, **STATED),
            "temperature": lambda: fit_from_frame(TemperatureScaler(), log, **STATED),
        }
        print(f"{n_rows:,} rows, {threads} threads")
        raced = {name: runs.pop(name) for name in ("bare", "bare, 4 sums", "table")}
        seconds = {**seconds_in_turns(raced, repeats), **seconds_in_turns(runs, 1)}
        for name, (processor, least) in seconds.items():
            ratio = processor / seconds["bare"][0]
            print(
                f"{name:<30} {ratio:5.2f} of bare; {processor:6.2f} s of processors, {least:6.2f} s"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"peak memory {peak:.2f} GiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Tables in DuckDB against a bare group_by.")
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    main(options.rows, options.threads, options.repeats)
