# SPDX-License-Identifier: MIT
"""Grad-CAM of the digits network, of ResNet-18 and of both variants of DeepLabv3+: python3 make_grad_cam.py (needs torch
and numpy) writes grad_cam.hpp. Gradients are PyTorch's, taken by a hook of the layer; the numbers and images are those of
make_digits.py and make_deeplab.py."""
import os
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

from make_deeplab import BasicBlock, Conv, deeplab, stage
from make_digits import digits
from strata_layers import Dense, GlobalAvgPool, Golden, Network, draw_data


def resnet18():
    """Of 40 x 42 pixels; torchvision's names."""
    one = dict(pad=4 * (1,), bias=False)
    last = nn.Sequential(
        BasicBlock(256, 512, dict(stride=2, pad=4 * (1,), bias=False), dict(pad=4 * (1,), bias=False), dict(stride=2, pad=4 * (0,), bias=False)),
        BasicBlock(512, 512, one, one))
    return Network((40, 42, 3), OrderedDict(
        conv1=Conv(3, 64, 7, stride=2, pad=4 * (3,), bias=False), bn1=nn.BatchNorm2d(64), relu=nn.ReLU(),
        maxpool=nn.MaxPool2d(3, 2, 1),
        layer1=nn.Sequential(BasicBlock(64, 64, one, one), BasicBlock(64, 64, one, one)),
        layer2=stage(64, 128, 2, 4 * (1,), 1, False), layer3=stage(128, 256, 2, 4 * (1,), 1, False), layer4=last,
        avgpool=GlobalAvgPool(), fc=Dense(512, 7)))


def grad_cam(model, image, layer, label=None):
    """Class, pixels, score, weights, map, and the map at the size of the image."""
    kept = {}

    def keep(module, given, value):
        value.retain_grad()
        kept["value"] = value

    hook = model.get_submodule(layer).register_forward_hook(keep)
    scores = model.eval()(image)
    hook.remove()
    if scores.dim() == 2:
        label = scores[0].argmax().item() if label is None else label
        chosen = scores[0, label].reshape(1)
    else:
        found = scores[0].argmax(0)
        by_size = found.flatten().bincount().argsort(descending=True).tolist()
        label = by_size[0] if label is None else by_size[1] if label == "second" else label
        chosen = scores[0, label][found == label]
    chosen.sum().backward()
    value = kept["value"]
    weights = value.grad.mean((2, 3))
    heat = (weights[:, :, None, None] * value).sum(1, keepdim=True).relu()
    large = F.interpolate(heat, model.image[:2], mode="bilinear", align_corners=False)
    return label, len(chosen), chosen.sum(), weights[0], heat[0, 0], large[0, 0]


golden = Golden(os.path.join(os.path.dirname(os.path.abspath(__file__)), "grad_cam.hpp"), "make_grad_cam.py", "Grad-CAM.")
for name, make, seed, layer, label in [
        ("digits", digits, 36, "10", None), ("digits_other_class", digits, 36, "10", 3), ("digits_first_pool", digits, 36, "3", None),
        ("resnet18", resnet18, 4, "layer4", None), ("resnet18_layer2", resnet18, 4, "layer2", 5),
        ("matlab", lambda: deeplab(True), 13, "refine", None), ("matlab_layer4", lambda: deeplab(True), 13, "backbone.layer4", "second"), ("matlab_unseen", lambda: deeplab(True), 13, "refine", 1),
        ("torchvision", lambda: deeplab(False), 6, "refine", None), ("torchvision_aspp", lambda: deeplab(False), 6, "aspp", None)]:
    model = make()
    images, _ = draw_data(model, 17 if name.startswith("digits") else 2, seed)
    label, pixels, score, weights, heat, large = grad_cam(model, images[:1], layer, label)
    print(f"{name}: class {label}, {pixels} pixels, score {score:.6g}, largest {heat.max():.6g}, {(heat > 0).double().mean():.0%} positive")
    for what, number in [("label", label), ("pixels", pixels)]:
        golden.lines += [f"inline constexpr int cam_{name}_{what} = {number};"]
    golden.number(f"cam_{name}_score", score)
    golden.tensors(f"cam_{name}", [("weights", weights), ("map", heat), ("enlarged", large)])
golden.write()
