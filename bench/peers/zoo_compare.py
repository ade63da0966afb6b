#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the networks of include/strata/models with PyTorch, from the same weights and images: scores, every gradient,
one update, and the losses of --updates updates (SGD with momentum 0.9, always on the same batch, nothing dropped).

It needs numpy and torch, and compiles bench/peers/zoo_step.cpp for each network. A distance is relative, and from what
PyTorch computes in double: of scores, gradients and updates the norm of the difference (of an update: of the move), of
losses the largest of all updates. PyTorch's own is that of its run in float. strata's may be the larger of 1e-4 and twice
PyTorch's own; otherwise the network is marked, and the exit code is 1. --only and --size choose parts, since all of it
takes hours on two cores.
"""
import argparse
import copy
import json
import os
import shlex
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import zoo

HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDE = os.path.normpath(os.path.join(HERE, "..", "..", "include"))
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def named(model):
    """Parameters and running statistics by name."""
    return [(name, value) for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")]


def write_safetensors(path, tensors):
    header, chunks, offset = {}, [], 0
    for name, value in tensors:
        chunk = value.detach().numpy().astype(np.float32).tobytes()
        header[name] = dict(dtype="F32", shape=list(value.shape), data_offsets=[offset, offset + len(chunk)])
        chunks.append(chunk)
        offset += len(chunk)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(chunks)


def start(network, arguments):
    """A module with weights of PyTorch's initialization and the running statistics of the images, images, labels."""
    torch.manual_seed(arguments.seed)
    module = network.module(arguments.classes)
    height, width, channels = network.shape(arguments.size)
    images = torch.randn(arguments.batch, channels, height, width)
    momenta = [(layer, layer.momentum) for layer in module.modules() if isinstance(layer, BATCH_NORMS)]
    for layer, _ in momenta:
        layer.momentum = 1.0
    with torch.no_grad():
        outputs = module.train()(images)
    for layer, momentum in momenta:
        layer.momentum = momentum
    classes, *places = outputs.shape[1:]
    return module, images, torch.randint(classes, (arguments.batch, *places))


def flat(tensors):
    return torch.cat([tensor.detach().double().flatten() for tensor in tensors])


def run(module, images, labels, updates, rate):
    """What zoo_step computes, by PyTorch, in the module's precision."""
    with torch.no_grad():
        scores = module.eval()(images).softmax(1).movedim(1, -1)
    module.train()
    result = dict(scores=flat([scores]), losses=[])
    optimizer = torch.optim.SGD(module.parameters(), lr=rate, momentum=0.9)
    before = flat(module.parameters())
    for i in range(updates):
        optimizer.zero_grad()
        loss = functional.cross_entropy(module(images), labels)
        loss.backward()
        result["losses"].append(loss.item())
        if i == 0:
            result["gradients"] = flat(p.grad for p in module.parameters())
        optimizer.step()
        if i == 0:
            result["update"] = flat(module.parameters()) - before
    return result, before


def compiled(network, arguments, folder):
    program = os.path.join(folder, "zoo_step")
    command = [arguments.compiler, *shlex.split(arguments.flags), "-I", INCLUDE, "-I", arguments.eigen,
               "-DSTRATA_ZOO_HEADER=<strata/models/%s>" % network.header,
               "-DSTRATA_ZOO_NETWORK=%s" % network.type(arguments.size, arguments.classes),
               os.path.join(HERE, "zoo_step.cpp"), "-o", program, "-pthread", *shlex.split(arguments.link)]
    subprocess.run(command, check=True)
    return program


def run_strata(program, folder, before, arguments):
    output = subprocess.run([program, folder, str(arguments.updates), repr(arguments.rate), str(arguments.threads)],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    read = {part: torch.from_numpy(np.fromfile(os.path.join(folder, part), np.float32)).double() for part in ("scores", "gradients", "updated")}
    return dict(scores=read["scores"], gradients=read["gradients"], update=read["updated"] - before,
                losses=[float(line.split()[1]) for line in output.splitlines()])


def distances(given, exact):
    apart = {part: ((given[part] - exact[part]).norm() / exact[part].norm()).item() for part in ("scores", "gradients", "update")}
    apart["losses"] = max(abs(a - b) / abs(b) for a, b in zip(given["losses"], exact["losses"]))
    return apart


def worst_tensor(module, given, exact):
    """The name of the tensor whose gradient is farthest, and how far, relative to its largest or 1% of the largest of all."""
    floor, offset, worst = 0.01 * exact.abs().max().item(), 0, ("", 0.0)
    for name, parameter in module.named_parameters():
        part = slice(offset, offset + parameter.numel())
        scale = max(exact[part].abs().max().item(), floor)
        worst = max(worst, (name, ((given[part] - exact[part]).abs().max() / scale).item()), key=lambda entry: entry[1])
        offset += parameter.numel()
    return worst


def compare(name, arguments):
    """Whether the network agrees."""
    network = zoo.NETWORKS[name]
    module, images, labels = start(network, arguments)
    print("%s, %d images" % (network.type(arguments.size, arguments.classes), arguments.batch), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        program = compiled(network, arguments, folder)
        print("  compiled in %.0f s" % (time.monotonic() - started), flush=True)
        write_safetensors(os.path.join(folder, "weights.safetensors"), named(module))
        images.permute(0, 2, 3, 1).contiguous().numpy().tofile(os.path.join(folder, "images"))
        labels.numpy().astype(np.int32).tofile(os.path.join(folder, "labels"))
        double, before = run(copy.deepcopy(module).double(), images.double(), labels, arguments.updates, arguments.rate)
        strata = run_strata(program, folder, before, arguments)
    single, _ = run(copy.deepcopy(module), images, labels, arguments.updates, arguments.rate)
    ours, own = distances(strata, double), distances(single, double)
    agrees = True
    for part in ours:
        allowed = max(1e-4, 2 * own[part])
        agrees = agrees and ours[part] <= allowed
        print("  %-9s  strata %.1e  PyTorch's own %.1e%s" % (part, ours[part], own[part], "" if ours[part] <= allowed else "  TOO FAR"))
    print("  farthest gradients: strata %s %.1e, PyTorch's own %s %.1e" % (*worst_tensor(module, strata["gradients"], double["gradients"]),
                                                                       *worst_tensor(module, single["gradients"], double["gradients"])))
    print("  loss %.6f -> %.6f, of PyTorch in double %.6f -> %.6f" % (strata["losses"][0], strata["losses"][-1], double["losses"][0], double["losses"][-1]), flush=True)
    return agrees


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(zoo.NETWORKS), help="comma-separated (%(default)s)")
    parser.add_argument("--size", type=int, help="rows and columns of the images, or the length of signals (the paper's)")
    parser.add_argument("--classes", type=int, help="(the paper's)")
    parser.add_argument("--batch", type=int, default=8, help="images (%(default)s)")
    parser.add_argument("--updates", type=int, default=20, help="at least 1 (%(default)s)")
    parser.add_argument("--rate", type=float, default=0.01, help="learning rate (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of weights, images and labels (%(default)s)")
    parser.add_argument("--compiler", default="g++", help="(%(default)s)")
    parser.add_argument("--flags", default="-std=c++20 -O2 -march=native -DNDEBUG", help="(%(default)s)")
    parser.add_argument("--link", default="", help="further words at the end of the compiler's command, such as a library of kernels")
    parser.add_argument("--eigen", default="/usr/include/eigen3", help="Eigen's include folder (%(default)s)")
    arguments = parser.parse_args()
    names = arguments.only.split(",")
    unknown = [name for name in names if name not in zoo.NETWORKS]
    if unknown:
        parser.error("there is no network '%s'; there are %s" % (unknown[0], ", ".join(zoo.NETWORKS)))
    if arguments.updates < 1:
        parser.error("--updates is %d, but must be at least 1" % arguments.updates)
    torch.set_num_threads(arguments.threads)
    failed = [name for name in names if not compare(name, arguments)]
    if failed:
        sys.exit("bench/peers: too far from PyTorch: %s" % ", ".join(failed))


if __name__ == "__main__":
    main()
