#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the format of every C++ file with clang-format 14, and the code of some with clang-tidy 14.

.clang-format and .clang-tidy say what is asked. clang-tidy reads all headers of include/ at once, as one file that
includes them, which takes about a minute. Sources take about ten seconds each, so it reads the changed ones first
(against the branch's upstream if it has one, else in the last commit, and in the working tree), then others drawn by a
seed, until the time is over. Exits with 1 if a file is not formatted or anything that was read needs a fix, and with 2
if a tool is missing.
"""
import argparse
import concurrent.futures
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("include", "examples", "bench", "tests")
ENDINGS = (".hpp", ".cpp", ".cu")
# clang 14 reads no CUDA 13; oneDNN is seldom installed; Cortex-M's board is compiled by another compiler.
UNREADABLE = re.compile(r"cuda|onednn|define_|microcontroller")


def tool(name):
    """The tool of LLVM 14: other versions format, and warn, differently."""
    for candidate in (f"{name}-14", name):
        if path := shutil.which(candidate):
            version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if "version 14." in version:
                return path
    sys.exit(print(f"tidy: {name} 14 is not installed; install it: apt-get install {name}-14", file=sys.stderr) or 2)


def git(*words):
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


def sources():
    return sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*")
                  if path.suffix in ENDINGS)


def badly_formatted(files):
    """The files that clang-format would change. (It leaves tests/golden alone.)"""
    command = [tool("clang-format"), "--dry-run", "-Werror", "--ferror-limit=1"]
    done = subprocess.run(command + files, cwd=ROOT, capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in done.stderr.split("\n") if "clang-format-violations" in line})
    if done.returncode != 0 and not wrong:
        sys.exit(print(f"tidy: clang-format failed: {done.stderr}", file=sys.stderr) or 2)
    return wrong


def commands(build):
    """How each file is compiled, without precompiled headers; by path from ROOT."""
    out = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words, kept = shlex.split(entry["command"]), []
        while words:
            word = words.pop(0)
            if word in ("-Xclang", "-include", "-o", "-c"):  # a precompiled header is -Xclang -include-pch -Xclang FILE
                words.pop(0)
            elif not word.startswith(("-Winvalid-pch", "-fpch")):
                kept.append(word)
        out[os.path.relpath(entry["file"], ROOT)] = kept[1:]
    return out


def changed():
    base = (git("merge-base", "@{upstream}", "HEAD") or [""])[0]
    if not base or base in git("rev-parse", "HEAD"):
        base = "HEAD^"
    return git("diff", "--name-only", base)


def check(clang_tidy, file, flags):
    """What clang-tidy says about a source and the headers beside it, one line per finding."""
    command = [clang_tidy, "--quiet", f"--config-file={ROOT}/.clang-tidy", file, "--", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    lines = [line.replace(f"{ROOT}/", "") for line in done.stdout.split("\n")]
    found = [line for line in lines if ": error: " in line or ": warning: " in line]
    return found or ([f"{file}: clang-tidy failed: {done.stderr[-500:]}"] if done.returncode != 0 else [])


def check_headers(clang_tidy, headers, flags):
    """What it says about all headers of include/."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "headers.cpp"
        file.write_text("".join(f"#include <{header.removeprefix('include/')}>\n" for header in headers))
        return check(clang_tidy, str(file), flags)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", help="read these sources, and no others")
    parser.add_argument("--build", type=Path, default=ROOT / "build/clang", metavar="FOLDER",
                        help="where clang's compile_commands.json is (default: build/clang)")
    parser.add_argument("--seconds", type=float, default=150, help="start no source after this time (default: 150)")
    parser.add_argument("--seed", help="of the draw (default: the last commit)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="files at once (default: cores)")
    args = parser.parse_args()

    start, all_files = time.monotonic(), sources()
    wrong = [f"{file}: is not formatted; run clang-format-14 -i on it" for file in badly_formatted(all_files)]
    clang_tidy, known = tool("clang-tidy"), commands(args.build)
    flags = {file: known[file] for file in all_files if file in known and not UNREADABLE.search(file)}
    headers = [file for file in all_files if file.startswith("include/") and not UNREADABLE.search(file)]
    seed = args.seed or (git("rev-parse", "HEAD") or ["0"])[0]
    drawn = list(flags)
    random.Random(seed).shuffle(drawn)
    names = args.files or changed()
    first = [file for file in drawn if file in names]
    rest = [] if args.files else [file for file in drawn if file not in first]
    read = []

    def job(file):
        if file is None:
            return check_headers(clang_tidy, headers, known["tests/graph/fuse.cpp"])
        if time.monotonic() - start > args.seconds and not args.files:
            return []
        read.append(file)
        return check(clang_tidy, file, flags[file])

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for found in pool.map(job, ([] if args.files else [None]) + first + rest):
            wrong.extend(found)
    wrong = sorted(set(wrong))
    print("\n".join(wrong + [
        f"{len(all_files)} files read by clang-format, {0 if args.files else len(headers)} headers and {len(read)} sources "
        f"({len(set(read) & set(first))} of {len(first)} changed) by clang-tidy, seed {seed}: {len(wrong)} to fix"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
