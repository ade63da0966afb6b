#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles tests/support/matrix.cpp with several compilers, standards and optimizations, with many warnings as errors
and the headers by a plain -I, runs it, and prints a table.

python3 tests/matrix.py                       all compilers that are installed, all standards, -O0 to -Ofast
python3 tests/matrix.py --sample              each compiler's oldest standard with -O0, its newest with -Ofast
python3 tests/matrix.py --zig                 also the clang and libc++ of the package ziglang, installed from PyPI if need be

A row has the seconds of the compiler, or what failed; all that it said goes to build/matrix.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wsign-conversion -Werror".split()
STANDARDS = ["20", "23", "26"]
SPELLED = {"20": ["c++20", "c++2a"], "23": ["c++23", "c++2b"], "26": ["c++26", "c++2c"]}
LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os", "-Ofast"]


def eigen():
    """The include folder of Eigen: that of pkg-config, or Debian's."""
    if shutil.which("pkg-config"):
        found = subprocess.run(["pkg-config", "--cflags-only-I", "eigen3"], capture_output=True, text=True)
        if found.returncode == 0 and found.stdout.split():
            return found.stdout.split()[0].removeprefix("-I")
    return "/usr/include/eigen3"


def accepts(options, command, *flags):
    """Whether the compiler compiles, with the flags, a program that needs the standard library and threads."""
    probe = options.folder / "probe.cpp"
    probe.write_text("#include <thread>\n#include <version>\nint main() { std::thread([] {}).join(); }\n")
    return subprocess.run([*command, *flags, "-Werror", str(probe), "-o", str(options.folder / "probe"), "-pthread"],
                          capture_output=True).returncode == 0


def ziglang(folder):
    """The command of ziglang's clang, of the version that the tests use, in an environment of its own."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import ziglang"], capture_output=True).returncode != 0:
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", ROOT / "tests" / "support" / "ziglang.txt"], check=True)
    return [str(python), "-m", "ziglang", "c++"]


def compilers(options):
    """(name, command) of each compiler to try."""
    found = []
    for name in options.compilers or ["g++", "g++-13", "g++-14", "clang++", "clang++-16", "clang++-19"]:
        if shutil.which(name.split()[0]):
            found.append((name, name.split()))
            if "clang" in name:
                found.append((f"{name} libc++", [*name.split(), "-stdlib=libc++"]))
        elif options.compilers:
            sys.exit(f"matrix: the compiler {name} is not installed")
    found = [(name, command) for name, command in found if accepts(options, command, "-std=c++20")]
    if options.zig:
        found.append(("zig c++", ziglang(ROOT / "build" / "ziglang")))
    return found


def standards(options, command):
    """The (name, flag) of those that the compiler has, oldest first."""
    has = []
    for standard in STANDARDS:
        for spelled in SPELLED[standard]:
            if accepts(options, command, f"-std={spelled}"):
                has.append((standard, f"-std={spelled}"))
                break
    return has


def optimization(options, command, level):
    """The flags of a level: clang 19 and newer warn about -Ofast, and name what to write instead."""
    return ["-O3", "-ffast-math"] if level == "-Ofast" and not accepts(options, command, level, "-std=c++20") else [level]


def attempt(options, name, command, standard, level):
    """Compiles and runs the program: the text of its cell, and whether it is right."""
    stem = options.folder / f"{name} {standard[0]} {level}".replace(" ", "_").replace("/", "_")
    program, log = stem.with_suffix(".program"), stem.with_suffix(".log")
    line = [*command, standard[1], *optimization(options, command, level), *WARNINGS, f"-I{ROOT / 'include'}", "-isystem", options.eigen,
            str(ROOT / "tests" / "support" / "matrix.cpp"), "-o", str(program), "-pthread"]
    start = time.monotonic()
    compiled = subprocess.run(line, capture_output=True, text=True)
    seconds = time.monotonic() - start
    said, cell, right = compiled.stderr, "does not compile", False
    if compiled.returncode == 0:
        try:
            ran = subprocess.run([str(program)], capture_output=True, text=True, timeout=120)
            said += ran.stdout + ran.stderr
            right = ran.returncode == 0 and ran.stdout == "right\n"
            cell = f"{seconds:.0f} s" if right else "is wrong"
        except subprocess.TimeoutExpired:
            cell = "does not end"
    log.write_text(" ".join(line) + "\n" + said)
    program.unlink(missing_ok=True)
    if not right:
        errors = [line for line in said.splitlines() if "error" in line or "wrong" in line] or said.splitlines()
        cell += f" ({(errors or ['no message'])[0]})"
    return cell, right


def refuses(options, name, command, standard):
    """Whether the compiler, in C++26, says the sentence of a network that does not compile."""
    line = [*command, standard[1], "-fsyntax-only", f"-I{ROOT / 'include'}", "-isystem", options.eigen,
            str(ROOT / "tests" / "reject" / "concat_of_two_sizes.cpp")]
    said = subprocess.run(line, capture_output=True, text=True).stderr
    (options.folder / f"{name.replace(' ', '_').replace('/', '_')}_refuses.log").write_text(said)
    return "is given 8x8x4: the branches differ in rows or columns (8x8x8 and 4x4x4); crop or resize one of them" in said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compilers", nargs="+", help="names of compilers, with flags if need be, instead of those that are known")
    parser.add_argument("--zig", action="store_true", help="also the clang of the package ziglang")
    parser.add_argument("--levels", nargs="+", default=LEVELS, help="optimizations")
    parser.add_argument("--sample", action="store_true", help="two cells of each compiler")
    parser.add_argument("--eigen", default=eigen(), help="the include folder of Eigen; by default that of pkg-config, or Debian's")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "matrix", help="for what compilers say")
    parser.add_argument("--jobs", type=int, default=1, help="compilers at once")
    options = parser.parse_args()

    options.folder.mkdir(parents=True, exist_ok=True)
    cells = []
    wrong = 0
    for name, command in compilers(options):
        has = standards(options, command)
        if has[-1][0] == "26" and not refuses(options, name, command, has[-1]):
            wrong += 1
            print(f"{name:18} C++26         does not say why it rejects a network")
        if options.sample:
            cells += [(name, command, has[0], "-O0"), (name, command, has[-1], "-Ofast")]
        else:
            cells += [(name, command, standard, level) for standard in has for level in options.levels]
    if not cells:
        sys.exit("matrix: no compiler to try is installed")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for cell, (text, right) in zip(cells, pool.map(lambda cell: attempt(options, *cell), cells)):
            wrong += not right
            print(f"{cell[0]:18} C++{cell[2][0]} {cell[3]:7} {text}", flush=True)
    print(f"{len(cells)} compilations, {wrong} wrong")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
