# SPDX-License-Identifier: MIT
"""The rivals' street scenes: DeepLabv3+ on ResNet-18 at 720 x 960. street_train = one step at batch 8 (forward, weighted
cross-entropy, backward, SGD with momentum 0.9 and L2); street_infer = one image to its class probabilities; street_train_360
and street_infer_360 the same at 360 x 480. The FOLDER holds street.parameters.f32, street.buffers.f32 (flat, strata's order),
and street_infer.image.f32, street_infer_360.image.f32 (rows, columns, channels)."""
import os

import numpy as np

import inference_calls

BATCH = 8


def size_of(work):
    return (360, 480) if work.endswith("_360") else (720, 960)


def prepare(folder, with_onnx):
    """Weights that give no trivial answer: He's, with the statistics of some noise. with_onnx: also as ONNX files."""
    import torch
    import street_net
    torch.manual_seed(1)
    module = street_net.DeepLab().train()
    with torch.no_grad():
        for _ in range(3):
            module(torch.randn(2, 3, 192, 256))
    module.eval()
    parameters, buffers = street_net.flat(module)
    parameters.tofile(os.path.join(folder, "street.parameters.f32"))
    buffers.tofile(os.path.join(folder, "street.buffers.f32"))
    torch.save(module.state_dict(), os.path.join(folder, "street.pt"))
    for work in ("street_infer", "street_infer_360"):
        size = size_of(work)
        np.random.default_rng(3).standard_normal((*size, 3), np.float32).tofile(os.path.join(folder, work + ".image.f32"))
        if with_onnx:
            with open(os.path.join(folder, work + ".onnx"), "wb") as file:
                file.write(street_net.onnx_bytes(module, *size))


def image(folder, work):
    pixels = np.fromfile(os.path.join(folder, work + ".image.f32"), np.float32).reshape(1, *size_of(work), 3)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def torch_training(work, threads, channels_last, device):
    import street_net
    torch = inference_calls.torch_on(device)
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    module = street_net.DeepLab().train().to(device, memory_format=layout)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, foreach=True)
    height, width = size_of(work)
    x = torch.randn(BATCH, 3, height, width).to(device).contiguous(memory_format=layout)
    labels = torch.randint(0, street_net.CLASSES, (BATCH, height, width)).to(device)
    weights = torch.linspace(0.2, 5, street_net.CLASSES).to(device)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(module(x), labels, weights, reduction="sum") / labels.numel()
        loss.backward()
        optimizer.step()
        inference_calls.finish(torch, device)

    step()
    return step


def torch_inference(folder, work, threads, device, scripted, channels_last):
    import torch
    import street_net
    torch.set_num_threads(threads)
    module = street_net.DeepLab()
    module.load_state_dict(torch.load(os.path.join(folder, "street.pt")))
    return inference_calls.torch_call([module], image(folder, work), device, scripted, channels_last)


INFERENCE = {
    "pytorch": lambda *which: torch_inference(*which, False, False),
    "pytorch-channels-last": lambda *which: torch_inference(*which, False, True),
    "pytorch-scripted-channels-last": lambda *which: torch_inference(*which, True, True),
    "onnxruntime": lambda folder, work, threads, device: inference_calls.onnxruntime_call(os.path.join(folder, work + ".onnx"), threads, image(folder, work), device),
    "openvino": lambda folder, work, threads, device: inference_calls.openvino_call(os.path.join(folder, work + ".onnx"), threads, image(folder, work)),
}
TRAINING = {
    "pytorch": lambda work, threads, device: torch_training(work, threads, False, device),
    "pytorch-channels-last": lambda work, threads, device: torch_training(work, threads, True, device),
}


def start(name, work, threads, folder, device):
    """(what to time, how often in one measurement). Inference leaves its probabilities: rows, columns, classes."""
    if "train" in work:
        return TRAINING[name](work, threads, device), 1
    once = INFERENCE[name](folder, work, threads, device)
    for _ in range(2):
        result = once()
    np.ascontiguousarray(result.transpose(0, 2, 3, 1)).astype(np.float32).tofile(os.path.join(folder, "%s.%s.f32" % (name, work)))
    return once, 1
