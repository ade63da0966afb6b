#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the library costs the compiler: seconds and peak memory of one file at a time, with gcc and clang.

Each file includes only the library, as a user's file should: no command line, no JSON, no report. A row is the
median of --runs compilations to an object file; memory is the compiler's peak resident set. Below some rows are the
same file in a program that links strata::kernels, compiled in turn with the row above, and its share of that row's CPU
seconds; the last rows are the two files of strata::kernels itself, which a program compiles once. The rows "zoo" declare
and train the networks of models/; "x digits" is their CPU time divided by that of the same row of digits.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDE = os.path.normpath(os.path.join(HERE, "..", "..", "include"))


def zoo(name, header, network=None, times_digits=None, megabytes=None):
    """The row of a network of models/, trained."""
    definitions = ["-DHEADER=<strata/models/%s.hpp>" % header, "-DNETWORK=%s" % (network or "models::%s<>" % name)]
    return ("zoo: " + name, "zoo_training.cpp", definitions, times_digits and Times(times_digits), megabytes, (None, None))


class Times(float):
    """A budget as a multiple of digits' CPU time."""


DIGITS = "digits, declare and train"
ROWS = [  # name, file, definitions, budget in seconds or Times, budget in MB (gcc), budgets with strata::kernels in % and MB
    ("nothing but the umbrella header", "include_only.cpp", [], 3, None, (None, None)),
    (DIGITS, "digits_training.cpp", [], 10, 600, (60, 500)),
    ("digits, predict", "digits_inference.cpp", [], None, None, None),
    ("DeepLabv3+, predict", "deeplab_inference.cpp", [], 15, 900, None),
    ("DeepLabv3+, declare and train", "deeplab_training.cpp", [], 40, 1500, None),
    ("DeepLabv3+, inference plan", "deeplab_inference_plan.cpp", [], None, None, None),
    ("DeepLabv3+, training plan", "deeplab_training_plan.cpp", [], None, None, None),
    ("chain of 8 convolutions, training plan", "chain.cpp", ["-DLAYERS=8"], None, None, None),
    ("chain of 32 convolutions, training plan", "chain.cpp", ["-DLAYERS=32"], None, None, None),
    ("chain of 128 convolutions, training plan", "chain.cpp", ["-DLAYERS=128"], None, None, None),
    ("sweep of 1,000, by multiply-adds", "sweep.cpp", [], 60, 1500, None),
    ("sweep of 1,000, by memory too", "sweep.cpp", ["-DPLANNED"], None, None, None),
    ("sweep of 1,000, in parts", "sweep_in_parts.cpp", ["-DPLANNED"], 60, 1500, None),
    zoo("LeNet5", "lenet5"),
    zoo("AlexNet", "alexnet"),
    zoo("VGG16", "vgg16"),
    zoo("ResNet18", "resnet18", "ResNet18<Image<224,224,3>,1000>"),
    zoo("ResNet34", "resnet18"),
    zoo("ResNet50", "resnet50", None, 1.8, 900),
    zoo("MobileNetV2", "mobilenet_v2", None, 1.8, 900),
    zoo("MobileNetV3Small", "mobilenet_v3"),
    zoo("EfficientNetB0", "efficientnet"),
    zoo("SqueezeNet", "squeezenet"),
    zoo("ShuffleNetV2", "shufflenet_v2"),
    zoo("DenseNet121", "densenet"),
    zoo("UNet", "unet", None, 1.8, 900),
    zoo("FCN8s", "fcn8s"),
    zoo("M5", "m5"),
    ("strata::kernels, functions", "kernels.cpp", ["-DSTRATA_KERNELS", "-DSTRATA_KERNELS_FUNCTIONS"], None, None, None),
    ("strata::kernels, instances", "kernels.cpp", ["-DSTRATA_KERNELS", "-DSTRATA_KERNELS_INSTANCES"], None, None, None),
]


def eigen_include():
    for folder in ("/usr/include/eigen3", "/usr/local/include/eigen3"):
        if os.path.isdir(folder):
            return folder
    sys.exit("bench/compile: Eigen was not found; give its folder with --eigen")


def compile_once(command):
    """(seconds of wall clock, seconds of CPU, peak MB) of one compilation; stops the program if it fails."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        sys.exit("bench/compile: %s\n%s" % (" ".join(command), errors.decode()[:4000]))
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def budget(form, first, megabytes):
    """The budget as text: a number in its form, and memory; either may be None."""
    form = "%g x digits" if isinstance(first, Times) else form
    texts = [None if first is None else form % first, None if megabytes is None else "%d MB" % megabytes]
    return ", ".join(text for text in texts if text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compilers", default="g++,clang++", help="comma-separated (%(default)s)")
    parser.add_argument("--flags", default="-std=c++20 -O2 -march=native", help="(%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="compilations per row (%(default)s)")
    parser.add_argument("--only", default="", help="only rows whose name contains this")
    parser.add_argument("--eigen", default=None, help="Eigen's include folder")
    parser.add_argument("--json", default=None, help="write the numbers to this file")
    arguments = parser.parse_args()
    eigen = arguments.eigen or eigen_include()

    def chosen(name):
        return arguments.only in name

    compares = any(chosen(row[0]) and row[0].startswith("zoo: ") for row in ROWS)
    rows = [row for row in ROWS if chosen(row[0]) or (compares and row[0] == DIGITS)]
    records = []
    for compiler in arguments.compilers.split(","):
        if not shutil.which(compiler):
            print("%s is not installed" % compiler)
            continue
        version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
        print("\n%s, %s" % (version, arguments.flags))
        print("%-42s %8s %8s %6s %8s %8s   %s" % ("one file", "wall s", "CPU s", "share", "x digits", "peak MB", "budget"))
        digits = [None, None]  # CPU seconds of its row, alone and with strata::kernels
        for name, file, definitions, seconds, megabytes, with_kernels in rows:
            variants = [(name, definitions, budget("%g s", seconds, megabytes))]
            if with_kernels:
                variants.append(("  with strata::kernels", definitions + ["-DSTRATA_KERNELS"],
                                 budget("%d %% of the row above", *with_kernels)))
            runs = [[] for _ in variants]
            with tempfile.TemporaryDirectory() as folder:
                for _ in range(arguments.runs):
                    for (_, definitions, _), taken in zip(variants, runs):
                        command = [compiler, *arguments.flags.split(), "-Wno-ignored-attributes", "-I" + INCLUDE,
                                   "-isystem", eigen, *definitions, "-c", os.path.join(HERE, file),
                                   "-o", os.path.join(folder, "object.o")]
                        if "clang" in compiler:
                            command.remove("-Wno-ignored-attributes")
                        taken.append(compile_once(command))
            whole = None
            for i, ((label, _, bar), taken) in enumerate(zip(variants, runs)):
                wall, cpu, peak = (statistics.median(column) for column in zip(*taken))
                share = "" if whole is None else "%d %%" % round(100 * cpu / whole)
                whole = whole or cpu
                if name == DIGITS:
                    digits[i] = cpu
                times = "%.2f" % (cpu / digits[i]) if name.startswith("zoo: ") and digits[i] else ""
                print("%-42s %8.2f %8.2f %6s %8s %8.0f   %s" % (label, wall, cpu, share, times, peak, bar), flush=True)
                records.append(dict(compiler=version, flags=arguments.flags, name=name if label == name else name + ", strata::kernels",
                                    wall_seconds=round(wall, 3), cpu_seconds=round(cpu, 3), peak_megabytes=round(peak)))
    if arguments.json:
        with open(arguments.json, "w") as out:
            json.dump(dict(machine=platform.processor() or platform.machine(), rows=records), out, indent=1)


if __name__ == "__main__":
    main()
