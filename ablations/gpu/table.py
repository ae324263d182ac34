"""table.py OUT [--small]: one table of all steps of run-gpu-kit.sh, with the goals and whether they are met.

Reads steps.csv, the logs, gpu-*.csv; writes gpu.csv and gpu.md, and prints the latter. Exit code 1 if a step failed or a goal is
missed. --small leaves out the goals that are of the 7B shape on a GPU. Needs nothing but Python 3.
"""
import csv
import json
import os
import re
import sys

out, small = sys.argv[1], "--small" in sys.argv[2:]


def text(name):
    path = os.path.join(out, name)
    return open(path, encoding="utf-8", errors="replace").read() if os.path.exists(path) else ""


def rows(name):
    path = os.path.join(out, name)
    return list(csv.DictReader(open(path, newline="", encoding="utf-8-sig"))) if os.path.exists(path) else []


measured = {}
for part in ("loop", "reference", "generation", "profile"):
    for row in rows(f"gpu-{part}.csv"):
        if row["Measure"] and row["Value"]:
            measured[row["Measure"]] = float(row["Value"])
anchor = {}
for line in text("anchor.log").splitlines():
    if line.startswith("{"):
        anchor = json.loads(line)


def ratio(a, b):
    return a / b if a is not None and b else None


def over(log):
    found = re.search(r"(\d+) within limits, (\d+) over", text(log))
    return (float(found[2]) if int(found[1]) > 0 else None) if found else None


get = measured.get
iteration = get("loop iteration")
# step, what, value, bound (None is only reported), whether the bound is the least; of the 7B shape alone
goals = [
    ("parity-fp32", "quantities over the fp32 limits", over("parity-fp32.log"), 0, False, False),
    ("loop", "seconds of the loop", get("loop"), 1.5, False, True),
    ("loop", "an iteration / the anchor's", ratio(iteration, anchor.get("seconds_median")), 0.3, False, True),
    ("loop", "extra memory / the anchor's", ratio(get("loop memory"), (anchor.get("peak_extra_mb") or 0) * 1e6), 0.4, False, True),
    ("loop", "an iteration / its floor (product and copy rates)", ratio(iteration, get("loop iteration floor")), None, False, False),
    ("loop", "product rate, TFLOP/s", ratio(get("product rate"), 1e12), None, True, False),
    ("loop", "copy rate, GB/s", ratio(get("copy rate"), 1e9), None, True, False),
    ("reference", "an iteration / the reference-shaped one on this engine", ratio(iteration, get("reference-shaped iteration")), None, False, False),
    ("reference", "extra memory / that of the reference-shaped one", ratio(get("loop memory"), get("reference-shaped loop memory")), None, False, False),
    ("generation", "decode bandwidth / copy, 1 sequence", ratio(get("decode bandwidth, 1"), get("copy rate")), 0.6, True, True),
    ("generation", "8 samples at once / one by one", ratio(get("8 samples at once"), get("8 samples one by one")), 0.2, False, True),
    ("generation", "seconds of vision", get("vision"), None, False, False),
    ("generation", "seconds of prefill", get("prefill"), None, False, False),
    ("profile", "launches of an iteration", get("loop iteration, launches"), 700, False, True),
    ("profile", "waits in an iteration", get("loop iteration, waits"), 0, False, True),
    ("profile", "launches of a token", get("decoded token, launches"), 540, False, True),
    ("profile", "waits in a token", get("decoded token, waits"), 1, False, True),
] + [("generation", f"milliseconds of a decode step, {n}", ratio(get(f"decode step, {n}"), 1e-3), None, False, False) for n in (1, 8, 64)]

steps = {row["step"]: row for row in rows("steps.csv")}
table, failed = [], False
for name, step in steps.items():
    failed |= step["exit_code"] != "0" and not (name == "doctor" and "doctor-unchecked" in steps)
    mine = [g for g in goals if g[0] == name and not (small and g[5])]
    first = True
    for _, what, value, bound, least, _ in mine or [(name, "", None, None, False, False)]:
        met = "" if bound is None else "not measured" if value is None else "yes" if (value >= bound if least else value <= bound) else "no"
        failed |= met in ("no", "not measured")
        goal = "" if bound is None else f"{'>=' if least else '<='} {bound:g}"
        table.append([name if first else "", step["seconds"] if first else "", step["exit_code"] if first else "", what, goal, "" if value is None else f"{value:.4g}", met])
        first = False

header = ["step", "seconds", "exit code", "what", "goal", "value", "met"]
with open(os.path.join(out, "gpu.csv"), "w", newline="", encoding="utf-8") as file:
    csv.writer(file, lineterminator="\n").writerows([header] + table)
about = next((line for line in text("gpu-loop.md").splitlines() if line), "")
lines = [about, ""] if about else []
lines += [f"The anchor: {anchor['torch']} on {anchor['device']}, {anchor['seconds_median']:.4g} s an iteration, {anchor['peak_extra_mb'] or 0:.0f} MB.", ""] if anchor else []
lines += ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header)] + table]
with open(os.path.join(out, "gpu.md"), "w", encoding="utf-8") as file:
    file.write("\n".join(lines) + "\n")
print("\n".join(lines))
sys.exit(1 if failed else 0)
