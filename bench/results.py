#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs every benchmark and writes what they measured, with the machine, the flags and the date, as Markdown. bench/run.sh
builds first and then calls this.

Parts: models, nodes, peers, kernels, compile. A part that cannot run is replaced by a sentence that says why.
"""
import argparse
import datetime
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, ".."))
BUILD = os.path.join(ROOT, "build", "release")

NETWORKS = ["digits", "street-360", "street", "resnet-50", "mobilenet-v2", "u-net", "vgg-16"]


class Failed(Exception):
    pass


def run(command):
    """The output of a program; its errors go to the terminal."""
    print("+", " ".join(command), flush=True)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed("`%s` ended with code %d, so there are no numbers here." % (os.path.basename(command[0]), done.returncode))
    return done.stdout


def program(name):
    path = os.path.join(BUILD, "bin", name)
    if not os.path.exists(path):
        raise Failed("%s was not built: a library that it needs is not installed." % name)
    return path


def compile_command(source):
    """The command that compiles the source whose path ends so; empty if nothing does."""
    with open(os.path.join(BUILD, "compile_commands.json")) as file:
        return next((c["command"] for c in json.load(file) if c["file"].endswith(source)), "")


def table(titles, rows):
    lines = ["| %s |" % " | ".join(titles), "|" + "|".join("---" if i == 0 else "---:" for i in range(len(titles))) + "|"]
    return "\n".join(lines + ["| %s |" % " | ".join(row) for row in rows]) + "\n"


# --- the parts

def models(quick):
    return run([program("bench_models"), "--markdown"] + (["--rounds", "2"] if quick else []))


def nodes(quick):
    out = []
    has_onednn = "STRATA_BENCHMARK_ONEDNN" in compile_command("bench_nodes.benchmark/main.cpp")
    for network in NETWORKS:
        for use in ("inference", "training"):
            if quick and use == "training" and network not in ("digits", "street-360", "street"):
                continue
            rounds = ["--rounds", "1"] if quick and use == "training" and network != "digits" else []
            out.append(run([program("bench_nodes"), "--table", network + "/" + use, "--markdown"] +
                           (["--onednn"] if has_onednn else []) + rounds))
    if not has_onednn:
        out.append("Without oneDNN: the build did not find it.\n")
    return "\n".join(out)


def peers(quick):
    python = os.environ.get("STRATA_PEERS_PYTHON")
    rounds = "1" if quick else "3"
    runs = [["--only", "train,infer1,infer1024", "--rounds", rounds], ["--only", "street_infer_360", "--rounds", rounds],
            ["--only", "street_infer", "--rounds", rounds], ["--only", "street_train_360", "--rounds", rounds],
            ["--only", "street_train", "--rounds", rounds] + (["--rivals", "pytorch-channels-last"] if quick else [])]
    out, versions = [], ""
    for chosen in runs:
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            try:
                run([sys.executable, os.path.join(HERE, "peers", "peers.py"), "--json", file.name, *chosen] + (["--python", python] if python else []))
            except Failed:
                out.append("%s: the other frameworks could not be installed or run; `python3 bench/peers/peers.py %s` says why.\n" %
                           (chosen[1], " ".join(chosen)))
                continue
            record = json.load(file)
        versions = record["versions"]
        for work in record["workloads"]:
            rows = [[row["name"], "%.3f" % (row["seconds"] / work["scale"]), "%.3f" % (min(row["all_seconds"]) / work["scale"]),
                     "%.0f" % (row["peak_rss_bytes"] / 2**20), "" if row["name"] == "strata" else "%.2fx" % row["ratio"]] for row in work["rows"]]
            out.append("### %s, %d thread%s, median of %d\n\n" % (work["title"], work["threads"], "" if work["threads"] == 1 else "s", work["rounds"]) +
                       table(["", work["unit"], "min", "peak MB", "ours is"], rows))
    if versions:
        note = "" if "dlib" not in versions else (
            " dlib is Debian's build for the x86-64 baseline, with the installed BLAS (%s); it computes on one thread, and its "
            "inference has the batch norms folded in." % os.path.basename(os.path.realpath("/usr/lib/%s-linux-gnu/libblas.so.3" % platform.machine())))
        out.insert(0, versions.replace(" | ", ", ") + ". Measured in turn with each other." + note + "\n")
    return "\n".join(out)


def kernels(quick):
    chosen = "^direct_convolution/.*/threads:2/" if quick else "^(direct_convolution|winograd|winograd_weight_gradient)/.*/threads:[12]/"
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        run([program("bench_kernels"), "--benchmark_filter=" + chosen, "--benchmark_out_format=json", "--benchmark_out=" + file.name])
        record = json.load(file)
    titles, rows = ["kernel"], []
    for benchmark in record["benchmarks"]:
        counters = [key for key in benchmark if "of peak" in key or "GF/s" in key]
        titles += [key for key in counters if key not in titles]
        rows.append({"kernel": re.sub("/min_time.*", "", benchmark["name"]), **{key: "%.3g" % benchmark[key] for key in counters}})
    return table(titles, [[row.get(title, "") for title in titles] for row in rows])


def compile_times(quick):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        run([sys.executable, os.path.join(HERE, "compile", "measure.py"), "--json", file.name] + (["--runs", "1"] if quick else []))
        record = json.load(file)
    return table(["one file", "compiler", "seconds", "CPU seconds", "peak MB"],
                 [[row["name"], row["compiler"], "%.2f" % row["wall_seconds"], "%.2f" % row["cpu_seconds"], "%d" % row["peak_megabytes"]]
                  for row in record["rows"]])


PARTS = {"models": ("Whole networks", models), "peers": ("Compared with other frameworks", peers), "nodes": ("Node by node", nodes),
         "kernels": ("Single kernels", kernels), "compile": ("Compile time and memory", compile_times)}


# --- the machine

def machine():
    fields = dict(line.split(":", 1) for line in subprocess.run(["lscpu"], capture_output=True, text=True).stdout.splitlines() if ":" in line)
    value = lambda name: fields.get(name, "unknown").strip()
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    command = compile_command("nodes/digits.cpp")
    flags = [f for f in command.split() if f.startswith(("-O", "-m", "-std", "-D", "-f"))]
    compiler = next(word for word in command.split() if re.search(r"(\+\+|g\+\+|clang\+\+|c\+\+)[-0-9.]*$", word))
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    vectors = next((name for name in ("avx512f", "avx2", "asimd", "sse4_2") if name in value("Flags").split()), "none known")
    return [("processor", "%s (family %s, model %s), %s" % (value("Model name"), value("CPU family"), value("Model"), vectors)),
            ("cores", "%s, %s threads per core%s" % (value("CPU(s)"), value("Thread(s) per core"),
                                                   ", a virtual machine" if "Hypervisor vendor" in fields else "")),
            ("caches", "L1d %s, L2 %s, L3 %s" % (value("L1d cache"), value("L2 cache"), value("L3 cache"))),
            ("memory", "%.1f GB" % (memory * 1024 / 1e9)),
            ("system", "%s %s" % (platform.system(), ".".join(platform.release().split(".")[:2]))),
            ("compiler", version),
            ("flags", "`%s`" % " ".join(flags)),
            ("libraries", "Eigen %s" % eigen())]


def eigen():
    try:
        text = open("/usr/include/eigen3/Eigen/src/Core/util/Macros.h").read()
        return ".".join(re.search(r"#define EIGEN_%s_VERSION (\d+)" % part, text).group(1) for part in ("WORLD", "MAJOR", "MINOR"))
    except (OSError, AttributeError):
        return "of unknown version"


def busy_seconds():
    """(of all processes on all cores, of this one and its children)"""
    ticks = [int(x) for x in open("/proc/stat").readline().split()[1:]]
    own = sum(u.ru_utime + u.ru_stime for u in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))
    return (sum(ticks[:3]) + sum(ticks[5:8])) / os.sysconf("SC_CLK_TCK"), own


def write(arguments, load, minutes, sections):
    facts = [("date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")), *machine(),
             ("the run", "`bash bench/run.sh%s`, %.0f minutes; load %.2f before it" % (" --quick" if arguments.quick else "", minutes, load))]
    with open(arguments.out, "w") as file:
        file.write("# What the benchmarks measured\n\nWritten by `bash bench/run.sh`; [README.md](README.md) says what each part is. Ratios "
                   "hold within one run; where other processes used the cores, times are longer than the machine's own and minima say more "
                   "than medians.\n\n" + table(["", ""], facts).replace("---:", "---") + "\n" + "\n".join(sections))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: about 15 minutes")
    parser.add_argument("--only", default=",".join(PARTS), help="comma-separated parts (%(default)s)")
    parser.add_argument("--out", default=os.path.join(HERE, "RESULTS.md"), help="(%(default)s)")
    arguments = parser.parse_args()
    for part in arguments.only.split(","):
        if part not in PARTS:
            parser.error("there is no part '%s'; choose one of %s" % (part, ", ".join(PARTS)))
    started, load = time.time(), os.getloadavg()[0]
    sections = []
    for part in arguments.only.split(","):
        title, measure = PARTS[part]
        part_started, (all_before, own_before) = time.time(), busy_seconds()
        try:
            text = measure(arguments.quick)
        except (Failed, ValueError) as failure:  # ValueError: no numbers where some were expected
            text = "%s\n" % failure
        minutes, (all_after, own_after) = (time.time() - part_started) / 60, busy_seconds()
        others = (all_after - all_before - (own_after - own_before)) / (minutes * 60)
        sections.append("## %s\n\nTook %.1f minutes, in which other processes used %.2f cores on average.\n\n%s" %
                        (title, minutes, max(0, others), text))
        write(arguments, load, (time.time() - started) / 60, sections)
    print("wrote", os.path.relpath(arguments.out, os.getcwd()))


if __name__ == "__main__":
    main()
