# SPDX-License-Identifier: MIT
"""One rival doing one workload: workers.py NAME WORKLOAD THREADS FOLDER DEVICE. Started by peers.py: says `ready`, then for every line it reads does the work once and
prints its seconds, and at the end of its input its peak memory, on a GPU (DEVICE cuda) that of PyTorch there too. bench_models --serve and dlib_digits speak the same way.

The FOLDER holds the weights, images.1.f32 and images.1024.f32, which everyone reads, and gets each one's probabilities.
Workloads: train = an epoch of 60,000 at batch 1024 (Adam, cross-entropy, shuffled, last partial batch kept), seconds of
the epoch; infer1 and infer1024 = one batch, seconds a call over many calls. Those of street scenes: street_workers.py.
"""
import gzip
import os
import resource
import sys
import time

import numpy as np

import digits_net
import inference_calls
import street_workers

TRAIN_IMAGES, BATCH = 60000, 1024


def images_and_labels():
    """MNIST as bytes where STRATA_DATA has it, else noise of the same size: only the time is looked at."""
    folder = os.path.join(os.environ.get("STRATA_DATA", ""), "mnist")
    try:
        with gzip.open(os.path.join(folder, "train-images-idx3-ubyte.gz")) as file:
            images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(TRAIN_IMAGES, 1, 28, 28)
        with gzip.open(os.path.join(folder, "train-labels-idx1-ubyte.gz")) as file:
            labels = np.frombuffer(file.read(), np.uint8, offset=8)
    except OSError:
        generator = np.random.default_rng(1)
        images = generator.integers(0, 256, (TRAIN_IMAGES, 1, 28, 28), np.uint8)
        labels = generator.integers(0, 10, TRAIN_IMAGES, np.uint8)
    return images.copy(), labels.astype(np.int64)


def torch_training(threads, channels_last, device):
    torch = inference_calls.torch_on(device)
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    images, labels = (torch.from_numpy(array).to(device) for array in images_and_labels())
    module = digits_net.torch_module().train()
    layout = torch.channels_last if channels_last else torch.contiguous_format
    module = module.to(device, memory_format=layout)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01, foreach=True)
    loss_of = torch.nn.CrossEntropyLoss()

    def epoch(batches=None):
        order = torch.randperm(TRAIN_IMAGES, device=device)
        for chosen in order.split(BATCH)[:batches]:
            x = images[chosen].to(torch.float32).div_(255).contiguous(memory_format=layout)
            optimizer.zero_grad(set_to_none=True)
            loss_of(module(x), labels[chosen]).backward()
            optimizer.step()
        inference_calls.finish(torch, device)

    epoch(5)
    return epoch


def random_images(count):
    return np.random.default_rng(2).random((count, 1, 28, 28), np.float32)


def batch_of(folder, count):
    return np.fromfile(os.path.join(folder, "images.%d.f32" % count), np.float32).reshape(count, 1, 28, 28)


def prepare(folder, with_onnx):
    """The same weights for everyone: digits.pt, digits.safetensors and, with_onnx, digits.onnx in the folder."""
    import torch
    torch.manual_seed(1)
    module = digits_net.torch_module().train()
    with torch.no_grad():
        for _ in range(20):
            module(torch.from_numpy(random_images(256)))
    module.eval()
    torch.save(module.state_dict(), os.path.join(folder, "digits.pt"))
    for count in (1, 1024):
        random_images(count).tofile(os.path.join(folder, "images.%d.f32" % count))
    if with_onnx:
        with open(os.path.join(folder, "digits.onnx"), "wb") as file:
            file.write(digits_net.onnx_bytes(module))
    with open(os.path.join(folder, "digits.safetensors"), "wb") as file:
        file.write(digits_net.safetensors_bytes(module))
    digits_net.folded_floats(module).tofile(os.path.join(folder, "digits.folded.f32"))


def torch_inference(folder, threads, count, device, scripted, channels_last):
    import torch
    torch.set_num_threads(threads)
    module = digits_net.torch_module()
    module.load_state_dict(torch.load(os.path.join(folder, "digits.pt")))
    return inference_calls.torch_call(module, batch_of(folder, count), device, scripted, channels_last)


def onnxruntime_inference(folder, threads, count, device):
    return inference_calls.onnxruntime_call(os.path.join(folder, "digits.onnx"), threads, batch_of(folder, count), device)


def openvino_inference(folder, threads, count, device):
    return inference_calls.openvino_call(os.path.join(folder, "digits.onnx"), threads, batch_of(folder, count))


INFERENCE = {
    "pytorch": lambda *which: torch_inference(*which, False, False),
    "pytorch-scripted": lambda *which: torch_inference(*which, True, False),
    "pytorch-scripted-channels-last": lambda *which: torch_inference(*which, True, True),
    "onnxruntime": onnxruntime_inference,
    "openvino": openvino_inference,
}
TRAINING = {
    "pytorch": lambda threads, device: torch_training(threads, False, device),
    "pytorch-channels-last": lambda threads, device: torch_training(threads, True, device),
}


def calls_per_round(count):
    return 2000 if count == 1 else 10


def main():
    name, work, threads, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    device = sys.argv[5] if len(sys.argv) > 5 else "cpu"
    if work == "prepare":
        with_onnx = "onnx" in sys.argv[5:]
        return prepare(folder, with_onnx) if name == "digits" else street_workers.prepare(folder, with_onnx)
    if work.startswith("street"):
        once, calls = street_workers.start(name, work, threads, folder, device)
    elif work == "train":
        once, calls = TRAINING[name](threads, device), 1
    else:
        count = int(work[len("infer"):])
        once, calls = INFERENCE[name](folder, threads, count, device), calls_per_round(count)
        for _ in range(max(20, calls // 4)):
            result = once()
        result.astype(np.float32).tofile(os.path.join(folder, "%s.%s.f32" % (name, work)))
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        for _ in range(calls):
            once()
        print("seconds %.9f" % ((time.perf_counter() - started) / calls), flush=True)
    if device == "cuda" and name.startswith("pytorch"):
        import torch
        print("device_kb %d" % (torch.cuda.max_memory_reserved() // 1024))
    print("peak_kb %d" % resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    main()
