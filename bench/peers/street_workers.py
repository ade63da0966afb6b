# SPDX-License-Identifier: MIT
"""The rivals' street scenes: DeepLabv3+ on ResNet-18 at 720 x 960. street_train = one step at batch 8 (forward, weighted
cross-entropy, backward, SGD with momentum 0.9 and L2); street_infer = one image to its class probabilities. The FOLDER
holds street.parameters.f32, street.buffers.f32 (flat, strata's order) and street.image.f32 (rows, columns, channels)."""
import os

import numpy as np

import inference_calls

HEIGHT, WIDTH, BATCH = 720, 960, 8


def prepare(folder):
    """Weights that give no trivial answer: He's, with the statistics of some noise."""
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
    np.random.default_rng(3).standard_normal((HEIGHT, WIDTH, 3), np.float32).tofile(os.path.join(folder, "street.image.f32"))
    torch.save(module.state_dict(), os.path.join(folder, "street.pt"))
    with open(os.path.join(folder, "street.onnx"), "wb") as file:
        file.write(street_net.onnx_bytes(module, HEIGHT, WIDTH))


def image(folder):
    pixels = np.fromfile(os.path.join(folder, "street.image.f32"), np.float32).reshape(1, HEIGHT, WIDTH, 3)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def torch_training(threads, channels_last):
    import torch
    import street_net
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    module = street_net.DeepLab().train().to(memory_format=layout)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, foreach=True)
    x = torch.randn(BATCH, 3, HEIGHT, WIDTH).contiguous(memory_format=layout)
    labels = torch.randint(0, street_net.CLASSES, (BATCH, HEIGHT, WIDTH))
    weights = torch.linspace(0.2, 5, street_net.CLASSES)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(module(x), labels, weights, reduction="sum") / labels.numel()
        loss.backward()
        optimizer.step()

    step()
    return step


def torch_inference(folder, threads, scripted, channels_last):
    import torch
    import street_net
    torch.set_num_threads(threads)
    module = street_net.DeepLab()
    module.load_state_dict(torch.load(os.path.join(folder, "street.pt")))
    return inference_calls.torch_call([module], image(folder), scripted, channels_last)


INFERENCE = {
    "pytorch": lambda *which: torch_inference(*which, False, False),
    "pytorch-channels-last": lambda *which: torch_inference(*which, False, True),
    "pytorch-scripted-channels-last": lambda *which: torch_inference(*which, True, True),
    "onnxruntime": lambda folder, threads: inference_calls.onnxruntime_call(os.path.join(folder, "street.onnx"), threads, image(folder)),
    "openvino": lambda folder, threads: inference_calls.openvino_call(os.path.join(folder, "street.onnx"), threads, image(folder)),
}
TRAINING = {
    "pytorch": lambda threads: torch_training(threads, False),
    "pytorch-channels-last": lambda threads: torch_training(threads, True),
}


def start(name, work, threads, folder):
    """(what to time, how often in one measurement). Inference leaves its probabilities: rows, columns, classes."""
    if work == "street_train":
        return TRAINING[name](threads), 1
    once = INFERENCE[name](folder, threads)
    for _ in range(2):
        result = once()
    np.ascontiguousarray(result.transpose(0, 2, 3, 1)).astype(np.float32).tofile(os.path.join(folder, "%s.%s.f32" % (name, work)))
    return once, 1
