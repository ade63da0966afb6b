#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares strata with PyTorch, ONNX Runtime, OpenVINO and dlib in one run, with all measurements interleaved.

Digits: a training epoch of 60,000 images at batch 1024 on --threads threads; inference of one image on one thread; of 1024
images on --threads threads; dlib, which computes on one thread, where the build found it. Street scenes (--only
street_train,street_infer): DeepLabv3+ on ResNet-18 at 720 x 960, a training step at batch 8 and inference of one image, on
--threads threads; street_train_360, street_infer_360: at 360 x 480. Each round measures each of them once, in turn; a
number is the median over the rounds. All compute the same function of the same weights: their probabilities are compared
before anything is timed. --device cuda: strata, PyTorch and ONNX Runtime on a GPU, all in TF32; needs --python with their
builds for CUDA.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))

WORKLOADS = {  # name: what it is, the rivals, unit, seconds per unit, measurements for each of --rounds
    "train": ("training epoch, 60,000 images, batch 1024", ["pytorch", "pytorch-channels-last", "dlib"], "s", 1, 1),
    "infer1": ("inference, batch 1, one thread",
               ["pytorch", "pytorch-scripted", "pytorch-scripted-channels-last", "onnxruntime", "openvino", "dlib"], "us", 1e-6, 5),
    "infer1024": ("inference, batch 1024",
                  ["pytorch", "pytorch-scripted", "pytorch-scripted-channels-last", "onnxruntime", "openvino", "dlib"], "ms", 1e-3, 5),
    "street_train": ("street scenes, 720 x 960, training step, batch 8", ["pytorch", "pytorch-channels-last"], "s", 1, 1),
    "street_infer": ("street scenes, 720 x 960, inference, batch 1",
                     ["pytorch", "pytorch-channels-last", "pytorch-scripted-channels-last", "onnxruntime", "openvino"], "ms", 1e-3, 3),
    "street_train_360": ("street scenes, 360 x 480, training step, batch 8", ["pytorch", "pytorch-channels-last"], "s", 1, 1),
    "street_infer_360": ("street scenes, 360 x 480, inference, batch 1",
                         ["pytorch", "pytorch-channels-last", "pytorch-scripted-channels-last", "onnxruntime", "openvino"], "ms", 1e-3, 3),
}
DIGITS = ["train", "infer1", "infer1024"]
ON_CUDA = ("pytorch", "pytorch-channels-last", "onnxruntime")


def virtual_environment(folder):
    """The Python of a virtual environment with the rivals; makes it where it is not there yet."""
    python = os.path.join(folder, "bin", "python")
    stamp = os.path.join(folder, "complete")
    wanted = open(os.path.join(HERE, "requirements.txt")).read()
    if not (os.path.exists(stamp) and open(stamp).read() == wanted):
        print("Creating %s with %s (several GB, once)" % (folder, ", ".join(wanted.split())), flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", os.path.join(HERE, "requirements.txt")], check=True)
        with open(stamp, "w") as file:
            file.write(wanted)
    return python


class Worker:
    """A process that is one contestant at one workload; see workers.py."""

    def __init__(self, name, command):
        self.name, self.seconds, self.peak_kb, self.device_kb = name, [], 0, None
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, word):
        for line in self.process.stdout:
            if line.split()[:1] == [word]:
                return line.split()
        raise SystemExit("bench/peers: %s ended without an answer (exit code %s)" % (self.name, self.process.wait()))

    def measure(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        self.seconds.append(float(self.read("seconds")[1]))

    def finish(self):
        self.process.stdin.close()
        for line in self.process.stdout:
            word, number = line.split()
            if word in ("peak_kb", "device_kb"):
                setattr(self, word, int(number))
        if self.process.wait() != 0:
            raise SystemExit("bench/peers: %s ended with exit code %d" % (self.name, self.process.returncode))


def largest_difference(folder, work, names):
    import array
    def floats(name):
        with open(os.path.join(folder, "%s.%s.f32" % (name, work)), "rb") as file:
            return array.array("f", file.read())
    reference = floats(names[0])
    worst = 0.0
    for name in names[1:]:
        others = floats(name)
        if len(others) != len(reference):
            raise SystemExit("bench/peers: %s gave %d numbers, not %d" % (name, len(others), len(reference)))
        worst = max(worst, max(abs(a - b) for a, b in zip(reference, others)))
    return worst


def run_workload(work, arguments, python, folder):
    title, rivals, unit, scale, measurements = WORKLOADS[work]
    threads = 1 if work == "infer1" else arguments.threads
    rounds = measurements * arguments.rounds
    cuda = arguments.device == "cuda"
    contestants = [("strata", [arguments.ours, "--serve", work, "--device", arguments.device, "--threads", str(threads), "--exchange", folder])]
    for name in rivals:
        if arguments.rivals and name not in arguments.rivals.split(",") or cuda and name not in ON_CUDA:
            continue
        if name != "dlib":
            contestants.append((name, [python, "-W", "ignore", os.path.join(HERE, "workers.py"), name, work, str(threads), folder, arguments.device]))
        elif os.path.exists(arguments.dlib):
            contestants.append((name, [arguments.dlib, work, folder]))
        else:
            print("dlib is left out: %s was not built (install libdlib-dev, configure and build again)" % arguments.dlib)
    workers = []
    for name, command in contestants:  # one at a time: they warm up alone
        workers.append(Worker(name, command))
        workers[-1].read("ready")
    if "train" not in work:
        difference = largest_difference(folder, work, [worker.name for worker in workers])
        if difference > (5e-3 if cuda else 1e-4):  # TF32 rounds factors to 10 bits
            raise SystemExit("bench/peers: the probabilities differ by %g: they do not compute the same function" % difference)
    for _ in range(rounds):
        for worker in workers:
            time.sleep(0.3)  # the one before stops spinning
            worker.measure()
    for worker in workers:
        worker.finish()

    ours = statistics.median(workers[0].seconds)
    where = "cuda" if cuda else "%d thread%s" % (threads, "" if threads == 1 else "s")
    print("\n%s, %s, median of %d" % (title, where, rounds))
    print("  %-32s %10s %8s %8s %10s %9s%s" % ("", unit, "min", "max", "peak MB", "ours is", "  device MB" if cuda else ""))
    rows = []
    for worker in workers:
        median = statistics.median(worker.seconds)
        print("  %-32s %10.3f %8.3f %8.3f %10.0f %9s%s" % (
            worker.name, median / scale, min(worker.seconds) / scale, max(worker.seconds) / scale, worker.peak_kb / 1024,
            "" if worker is workers[0] else "%.2fx" % (median / ours),
            "" if worker.device_kb is None else "  %9.0f" % (worker.device_kb / 1024)), flush=True)
        rows.append(dict(name=worker.name, seconds=median, all_seconds=worker.seconds, peak_rss_bytes=worker.peak_kb * 1024,
                         ratio=median / ours))
        if worker.device_kb is not None:
            rows[-1]["device_bytes"] = worker.device_kb * 1024
    return dict(workload=work, title=title, device=arguments.device, threads=threads, rounds=rounds, unit=unit, scale=scale, rows=rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", default=os.path.join(ROOT, "build", "release", "bin", "bench_models"), help="(%(default)s)")
    parser.add_argument("--dlib", default=os.path.join(ROOT, "build", "release", "bin", "dlib_digits"), help="(%(default)s)")
    parser.add_argument("--venv", default=os.path.join(ROOT, "build", "peers"), help="created if missing (%(default)s)")
    parser.add_argument("--python", help="a Python with the other frameworks, instead of --venv")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of training; more for inference (%(default)s)")
    parser.add_argument("--only", default="", help="comma-separated workloads from: " + ", ".join(WORKLOADS) + " (default: all of digits)")
    parser.add_argument("--rivals", default="", help="comma-separated; all if not given")
    parser.add_argument("--json", help="write the numbers to this file")
    arguments = parser.parse_args()
    if not os.path.exists(arguments.ours):
        raise SystemExit("bench/peers: build bench_models first: cmake --preset release && cmake --build --preset release")
    if arguments.device == "cuda" and not arguments.python:
        raise SystemExit("bench/peers: --device cuda: give --python a Python whose PyTorch and ONNX Runtime are built for CUDA "
                         "(pip install torch onnxruntime-gpu openvino onnx numpy)")
    python = arguments.python or virtual_environment(arguments.venv)
    if arguments.device == "cuda":
        seen = subprocess.run([python, "-c", "import torch; assert torch.cuda.is_available(); print(torch.cuda.get_device_name())"],
                              capture_output=True, text=True)
        if seen.returncode != 0:
            raise SystemExit("bench/peers: --device cuda: the PyTorch of %s sees no GPU; install its CUDA build, on a machine with a GPU" % python)
        print(seen.stdout.strip())

    versions = subprocess.run([python, "-c", "import importlib.util as u, torch\nprint('PyTorch', torch.__version__, *["
                               "'| %s %s' % (name, __import__(module).__version__) for name, module in "
                               "(('ONNX Runtime', 'onnxruntime'), ('OpenVINO', 'openvino')) if u.find_spec(module)])"],
                              check=True, capture_output=True, text=True).stdout.strip()
    if os.path.exists(arguments.dlib):
        versions += " | dlib " + subprocess.run([arguments.dlib, "version"], check=True, capture_output=True, text=True).stdout.strip()
    print(versions)
    records = []
    with tempfile.TemporaryDirectory() as folder:
        chosen = arguments.only.split(",") if arguments.only else DIGITS
        reads_onnx = ["onnx"] * (not arguments.rivals or "onnxruntime" in arguments.rivals or "openvino" in arguments.rivals)
        for network in sorted({"street" if work.startswith("street") else "digits" for work in chosen}):
            subprocess.run([python, os.path.join(HERE, "workers.py"), network, "prepare", "1", folder, *reads_onnx], check=True)
        for work in chosen:
            records.append(run_workload(work, arguments, python, folder))
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(dict(machine=platform.processor() or platform.machine(), versions=versions, workloads=records),
                      file, indent=1)


if __name__ == "__main__":
    main()
