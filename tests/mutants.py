#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the tests: puts one small fault after another into the library and expects a test to fail for each.

tests/mutants.ini lists the faults. The headers are copied to build/mutants/include, and the tests are built from the
tree's sources with that copy in the folder build/mutants/build, so the tree itself is never touched, and an interrupted
run leaves nothing to clean up: the next one brings the copy up to date. First the tests must pass without any fault.
Exits with 1 if a fault survives or does not compile, and with 2 if the list or the tests are wrong to begin with.
"""
import argparse
import configparser
import fcntl
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests/mutants.ini"
# What gcc says where a test's constant expression fails: the compiler has run the test.
REFUSALS = re.compile(
    r"static assertion failed|non-constant condition|not a constant expression|in .constexpr. expansion of")


class Wrong(Exception):
    """The list, the build or the unmutated tests are wrong: one sentence."""


class Mutant:
    KEYS = {"file", "text", "with", "tests", "quick"}

    def __init__(self, name, entry):
        if unknown := set(entry) - self.KEYS:
            raise Wrong(f"{LIST.name}: [{name}] has the key '{min(unknown)}'; give {', '.join(sorted(self.KEYS))}")
        if missing := {"file", "text", "with", "tests"} - set(entry):
            raise Wrong(f"{LIST.name}: [{name}] has no '{min(missing)}'")
        self.name, self.file, self.text, self.replacement = name, entry["file"], entry["text"], entry["with"]
        self.tests, self.quick = entry["tests"].split(), "quick" in entry

    def changed(self, source):
        """The source of the file with the fault in it."""
        if (count := source.count(self.text)) != 1:
            raise Wrong(f"{LIST.name}: [{self.name}] replaces '{self.text}', which occurs {count} times in {self.file};"
                        " give a text that occurs once")
        if self.text == self.replacement:
            raise Wrong(f"{LIST.name}: [{self.name}] replaces a text by itself")
        return source.replace(self.text, self.replacement)


def read_list():
    parser = configparser.ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None,
                                       allow_no_value=True)
    try:
        parser.read_string(LIST.read_text(encoding="utf-8"), LIST.name)
    except (OSError, configparser.Error) as error:
        raise Wrong(f"{LIST.name}: {error}") from None
    mutants = [Mutant(name, parser[name]) for name in parser.sections()]
    for mutant in mutants:
        if not (ROOT / mutant.file).is_file():
            raise Wrong(f"{LIST.name}: [{mutant.name}] names the file '{mutant.file}', which does not exist")
        mutant.changed((ROOT / mutant.file).read_text(encoding="utf-8"))
    return mutants


def seed_of_tree():
    """A seed that is the same for the same commit, so that a failure repeats and another commit draws others."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return zlib.crc32(commit.stdout.encode()) % 10000 if commit.returncode == 0 else 0


class Scratch:
    """The copy of the headers and the build of the tests with it."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs
        self.include, self.build = folder / "include", folder / "build"
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(folder / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Wrong(f"another run uses {folder}; wait for it, or give another folder with --folder") from None
        self.copy_headers()
        self.configure()
        lines = (self.build / "tests/targets.txt").read_text().splitlines()
        self.targets = dict(line.split() for line in lines)

    def copy_headers(self):
        """Writes only what differs, so that the rest need not be compiled again."""
        wanted = {p.relative_to(ROOT / "include") for p in (ROOT / "include").rglob("*.hpp")}
        for path in wanted:
            content, to = (ROOT / "include" / path).read_bytes(), self.include / path
            if not to.is_file() or to.read_bytes() != content:
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(content)
        for path in list(self.include.rglob("*.hpp")):
            if path.relative_to(self.include) not in wanted:
                path.unlink()

    def configure(self):
        overlay = self.folder / "overlay.cmake"  # read after project(): the copy comes before the tree's include folder
        overlay.write_text(f'include_directories(BEFORE "{self.include}")\n')
        options = ["-DSTRATA_PROGRAMS=OFF", "-DSTRATA_BENCH=OFF", "-DSTRATA_CUDA=OFF", "-DSTRATA_OTHER_TEST_FLAGS=-O0",
                   "-DSTRATA_KERNEL_TEST_FLAGS=-O1", f"-DCMAKE_PROJECT_INCLUDE={overlay}"]
        run = subprocess.run(["cmake", "--preset", "gcc", "-B", str(self.build), *options], cwd=ROOT,
                             capture_output=True, text=True)
        if run.returncode != 0:
            raise Wrong("the tests cannot be configured:\n" + run.stdout + run.stderr)

    def compile(self, tests):
        """Builds the programs of these tests; returns the compiler's output if that fails, else nothing."""
        targets = sorted({self.targets[test] for test in tests})
        run = subprocess.run(["cmake", "--build", str(self.build), "-j", str(self.jobs), "--target", *targets],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        return run.stdout if run.returncode != 0 else None

    def command(self, test):
        """The command of a test that is built, as ctest runs it."""
        shown = subprocess.run(["ctest", "--test-dir", str(self.build), "--show-only=json-v1", "-R", f"^{test}$"],
                               capture_output=True, text=True, check=True)
        return json.loads(shown.stdout)["tests"][0]["command"]

    def failure(self, test, limit):
        """Runs a test; returns how it fails, or nothing."""
        command = [*self.command(test), "--no-colors"]
        try:
            run = subprocess.run(command, cwd=self.build / "tests", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, errors="replace", timeout=limit)
        except subprocess.TimeoutExpired:
            return f"{test}: it did not end within {limit:.0f} s"
        if run.returncode == 0 and not re.search(r"test cases: +0 ", run.stdout):
            return None
        case = re.search(r"^TEST CASE: +(.*)$", run.stdout, re.MULTILINE)
        return f"{test}: " + (f'"{case.group(1).strip()}"' if case else f"it ended with status {run.returncode}")

    def try_out(self, mutant, limits):
        """Returns (killed or not, in words how)."""
        path = self.folder / mutant.file
        source = path.read_text(encoding="utf-8")
        try:
            path.write_text(mutant.changed(source), encoding="utf-8")
            for test in mutant.tests:
                if (output := self.compile([test])) is not None:
                    if refusal := REFUSALS.search(output):
                        line = output[output.rfind("\n", 0, refusal.start()) + 1:].split("\n", 1)[0]
                        return True, f"{test}, as it is compiled: " + re.sub(r"^.*/(tests|include)/", r"\1/", line)
                    errors = [line for line in output.splitlines() if "error" in line]
                    return False, f"DOES NOT BUILD {test}: " + (errors or ["no message"])[0]
                if how := self.failure(test, limits[test]):
                    return True, how
            return False, "SURVIVED " + ", ".join(mutant.tests)
        finally:
            path.write_text(source, encoding="utf-8")


def check(scratch, mutants):
    needs_nvcc = [mutant.name for mutant in mutants if any(
        test.startswith("cuda/device_code/") and test not in scratch.targets for test in mutant.tests)]
    if needs_nvcc:
        print(f"without nvcc, {', '.join(needs_nvcc)} cannot be tried", flush=True)
        mutants = [mutant for mutant in mutants if mutant.name not in needs_nvcc]
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    if unknown := [test for test in tests if test not in scratch.targets]:
        raise Wrong(f"there is no test '{unknown[0]}' in this build; {LIST.name} names it")
    print(f"{len(tests)} tests without a fault", flush=True)
    if (output := scratch.compile(tests)) is not None:
        raise Wrong("the tests do not compile without a fault:\n" + output[-4000:])
    limits = {}
    for test in tests:
        start = time.monotonic()
        if how := scratch.failure(test, 300):
            raise Wrong(f"a test fails without a fault: {how}")
        limits[test] = 20 + 5 * (time.monotonic() - start)
    missed = []
    for mutant in mutants:
        start = time.monotonic()
        killed, how = scratch.try_out(mutant, limits)
        print(f"{mutant.name:<40} {time.monotonic() - start:4.0f} s  {'killed by ' if killed else ''}{how}", flush=True)
        if not killed:
            missed.append(mutant.name)
    if missed:
        print(f"{len(missed)} of {len(mutants)} faults were not noticed: {', '.join(missed)}."
              " Strengthen the tests that should fail, or repair the list.")
    else:
        print(f"all {len(mutants)} faults were noticed")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description="Puts small faults into the library and expects tests to fail.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="try every fault")
    which.add_argument("--sample", type=int, metavar="N", help="try N of those whose tests compile in seconds")
    which.add_argument("--only", nargs="+", metavar="NAME", help="try these")
    which.add_argument("--list", action="store_true", help="print the faults and try none")
    parser.add_argument("--seed", type=int, help="of the sample; by default it follows from the commit")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="compilers at once")
    parser.add_argument("--folder", type=Path, default=ROOT / "build/mutants", help="of the copy and the build")
    options = parser.parse_args()
    mutants = read_list()
    if options.list:
        for mutant in mutants:
            print(f"{mutant.name:<40} {mutant.file.removeprefix('include/strata/'):<40} {' '.join(mutant.tests)}"
                  f"{'  (quick)' if mutant.quick else ''}")
        return 0
    if options.only:
        names = {mutant.name: mutant for mutant in mutants}
        if unknown := [name for name in options.only if name not in names]:
            raise Wrong(f"there is no fault '{unknown[0]}'; --list prints their names")
        mutants = [names[name] for name in options.only]
    elif options.sample is not None:
        seed = seed_of_tree() if options.seed is None else options.seed
        quick = [mutant for mutant in mutants if mutant.quick]
        mutants = random.Random(seed).sample(quick, min(options.sample, len(quick)))
        print(f"python3 tests/mutants.py --sample {options.sample} --seed {seed}", flush=True)
    if shutil.which("cmake") is None:
        raise Wrong("cmake is not installed")
    return check(Scratch(options.folder.resolve(), options.jobs), mutants)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as wrong:
        print(f"mutants.py: {wrong}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
