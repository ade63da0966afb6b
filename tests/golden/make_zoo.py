# SPDX-License-Identifier: MIT
"""Golden values of the networks of include/strata/models, at reduced sizes: python3 make_zoo.py [NAME...] (needs torch and
numpy) writes zoo/NAME.hpp; the modules are those of bench/peers/zoo.py. --seeds N prints instead, for the first N seeds,
how far PyTorch in float is from itself in double, as check_tensor measures it: a ReLU or pool that stands at its kink
goes another way there, and so makes a bad seed."""
import argparse
import copy
import os
import sys

import torch
from torch import optim

from strata_layers import BATCH_NORMS, draw_data, loss_of

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "bench", "peers"))
import zoo  # noqa: E402

CLASSES = 10
CASES = {  # file, size, width, images, seed. 33 pixels: odd sizes on the way down, and 2 x 2 at its end (DenseNet: of 64)
    "LeNet5": ("lenet5", 32, 0, 4, 1),
    "AlexNet": ("alexnet", 95, 48, 2, 1),
    "VGG16": ("vgg16", 33, 48, 2, 1),
    "ResNet18": ("resnet18", 33, 0, 3, 1),
    "ResNet34": ("resnet34", 33, 0, 3, 5),
    "ResNet50": ("resnet50", 33, 0, 3, 6),
    "MobileNetV2": ("mobilenet_v2", 33, 0, 3, 3),
    "MobileNetV3Small": ("mobilenet_v3", 33, 0, 3, 1),
    "EfficientNetB0": ("efficientnet", 33, 0, 3, 1),
    "SqueezeNet": ("squeezenet", 33, 0, 2, 1),
    "ShuffleNetV2": ("shufflenet_v2", 33, 0, 3, 1),
    "DenseNet121": ("densenet", 64, 0, 2, 5),
    "UNet": ("unet", 32, 8, 2, 5),
    "FCN8s": ("fcn8s", 32, 48, 2, 1),
    "M5": ("m5", 2000, 32, 3, 1),
}


def scaled(model, given):
    return given[0] * model.scale + model.shift


def drawn(name, seed):
    """The module with drawn numbers, images, labels."""
    _, size, width, count, _ = CASES[name]
    network = zoo.NETWORKS[name]
    model = network.module(CLASSES, width).double()
    model.image = network.shape(size)
    model.register_forward_pre_hook(scaled)
    return model, *draw_data(model, count, seed)


def step(model, images, labels):
    """Gradients, running statistics and the loss of a step, then the scores by the statistics of the batch itself."""
    model.train().zero_grad()
    logits = model(images)
    loss_of(logits, labels).backward()
    gradients = [(name, parameter.grad) for name, parameter in model.named_parameters()]
    buffers = [(name, buffer.clone()) for name, buffer in model.named_buffers() if not name.endswith("num_batches_tracked")]
    again = copy.deepcopy(model)
    for layer in again.modules():
        if isinstance(layer, BATCH_NORMS):
            layer.momentum = 1.0
    with torch.no_grad():
        again(images)
        scores = again.eval()(images).softmax(1).movedim(1, -1)
    return scores, gradients, buffers, loss_of(logits, labels, "sum").item()


def step_size(count):
    """Of `count` elements, eight to sixteen are written; where there are many, of all rows and columns of a kernel."""
    return 1 + count // (8 if count >= 64 else 16)


def rows(kind, tensors, digits=7):
    for name, tensor in tensors:
        flat = tensor.detach().double().flatten()
        some = flat[::step_size(len(flat))].tolist()
        yield " ".join([kind, name, str(len(flat)), str(step_size(len(flat))), "%.8g" % (flat * flat).sum(), *("%.*g" % (digits, v) for v in some)])


def write(name):
    file, size, _, count, seed = CASES[name]
    model, images, labels = drawn(name, seed)
    scores, gradients, buffers, loss = step(model, images, labels)
    lines = [*rows("scores", [("scores", scores)]), "loss %.15g" % loss, *rows("gradient", gradients), *rows("buffer", buffers)]
    optimizer = optim.SGD(model.parameters(), lr=0.0003, momentum=0.9)
    optimizer.step()
    lines += rows("updated", model.named_parameters(), 9)
    lines.append("loss_after %.15g" % loss_of(model(images), labels, "sum").item())
    with open(os.path.join(HERE, "zoo", file + ".hpp"), "w") as out:
        out.write("""// SPDX-License-Identifier: MIT
// %s. Written by make_zoo.py with PyTorch %s, in double precision.
#pragma once

namespace strata::golden {

inline constexpr const char* %s = R"(
%s
)";

}  // namespace strata::golden
""" % (network_line(name), torch.__version__.split("+")[0], file, "\n".join(lines)))
    print(name, "largest score %.3f, loss %.3f" % (scores.max(), loss), flush=True)


def network_line(name):
    _, size, width, count, seed = CASES[name]
    return "%s: %d images of seed %d" % (zoo.NETWORKS[name].type(size, CLASSES, width), count, seed)


def worst(given, golden, share_of_all):
    """The largest distance of an element, relative to the largest of its tensor or a share of the largest of all."""
    floor = share_of_all * max(g.abs().max().item() for _, g in golden) if golden else 0
    return max((0, *(((x.double() - g).abs().max() / max(g.abs().max().item(), floor)).item() for (_, x), (_, g) in zip(given, golden))))


def try_seeds(name, seeds):
    for seed in range(1, seeds + 1):
        model, images, labels = drawn(name, seed)
        single = copy.deepcopy(model).float()
        single.scale, single.shift = model.scale.float(), model.shift.float()
        scores, gradients, buffers, loss = step(model, images, labels)
        others = []
        for layout in (torch.contiguous_format, torch.channels_last):
            again = copy.deepcopy(single) if name == "M5" else copy.deepcopy(single).to(memory_format=layout)
            got = step(again, images.float().contiguous(memory_format=layout), labels)
            others.append((worst([("", got[0])], [("", scores)], 0), worst(got[1], gradients, 1e-2), worst(got[2], buffers, 1e-2),
                           abs(got[3] - loss) / loss))
        print(name, seed, "scores %.1e gradients %.1e buffers %.1e loss %.1e" % tuple(max(o) for o in zip(*others)),
              "largest score %.3f" % scores.max(), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="networks (all)")
    parser.add_argument("--seeds", type=int, default=0)
    arguments = parser.parse_args()
    os.makedirs(os.path.join(HERE, "zoo"), exist_ok=True)
    for name in arguments.names or CASES:
        if arguments.seeds:
            try_seeds(name, arguments.seeds)
        else:
            write(name)
