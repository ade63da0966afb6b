#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The files that are most expensive to compile: builds a target from nothing and lists CPU seconds and peak memory of each compilation.

The build goes to build/units-PRESET, without a compiler cache. A sum over all files is what a cold build costs; on two
cores it takes half of that.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))


def record(file, command):
    """Runs a compiler and appends what it cost to a file: this script as CMake's compiler launcher."""
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    output = command[command.index("-o") + 1] if "-o" in command else command[-1]
    line = json.dumps(dict(unit=output, cpu_seconds=usage.ru_utime + usage.ru_stime, peak_megabytes=usage.ru_maxrss / 1024))
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(descriptor, (line + "\n").encode())  # a line is one write, so that two compilers do not mix theirs
    os.close(descriptor)
    sys.exit(os.waitstatus_to_exitcode(status))


def name_of(unit):
    """examples/digits/CMakeFiles/digits_host.dir/main.cpp.o -> examples/digits/main.cpp"""
    parts = unit.split("/")
    if "CMakeFiles" in parts:
        at = parts.index("CMakeFiles")
        inside = parts[at + 2:]
        if inside[:1] == ["Unity"]:
            inside = [parts[at + 1].removesuffix(".dir") + ", " + inside[-1]]
        parts = parts[:at] + inside
    return "/".join(parts).removesuffix(".o")


def main():
    if sys.argv[1:2] == ["--record"]:
        record(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="gcc", help="preset of CMakePresets.json (%(default)s)")
    parser.add_argument("--target", nargs="+", default=["tests"], help="targets to build (tests)")
    parser.add_argument("--rows", type=int, default=40, help="number of slowest files to list (%(default)s)")
    parser.add_argument("--json", default=None, help="write all numbers to this file")
    parser.add_argument("options", nargs="*", help="more CMake options, after --")
    arguments = parser.parse_args()

    build = os.path.join(ROOT, "build", "units-" + arguments.preset)
    shutil.rmtree(build, ignore_errors=True)
    os.makedirs(build)
    file = os.path.join(build, "units.json")
    launcher = ";".join([sys.executable, os.path.abspath(__file__), "--record", file])
    configure = ["cmake", "--preset", arguments.preset, "-B", build, *arguments.options]
    for language in ("CXX", "CUDA"):
        configure.append("-DCMAKE_%s_COMPILER_LAUNCHER=%s" % (language, launcher))
    subprocess.run(configure, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", build, "--target", *arguments.target], cwd=ROOT, check=True)

    with open(file) as lines:
        units = [json.loads(line) for line in lines]
    for unit in units:
        unit["unit"] = name_of(unit["unit"])
    units.sort(key=lambda unit: -unit["cpu_seconds"])
    print("\n%8s %8s   %s" % ("CPU s", "peak MB", "file"))
    for unit in units[:arguments.rows]:
        print("%8.1f %8.0f   %s" % (unit["cpu_seconds"], unit["peak_megabytes"], unit["unit"]))
    print("%8.0f %8.0f   all %d files, and the peak of any one" %
          (sum(u["cpu_seconds"] for u in units), max(u["peak_megabytes"] for u in units), len(units)))
    if arguments.json:
        with open(arguments.json, "w") as out:
            json.dump(units, out, indent=1)


if __name__ == "__main__":
    main()
