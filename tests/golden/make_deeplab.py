# SPDX-License-Identifier: MIT
"""Golden values of both variants of DeepLabv3+ on ResNet-18: python3 make_deeplab.py (needs torch and numpy) writes
deeplab_matlab.hpp and deeplab_torchvision.hpp. 40 x 42 pixels: the third stage strides over an odd number of rows and an
even number of columns, and both enlargements are cropped. The seeds are some for which no ReLU or pool stands within 5e-6
of its kink, so that float and double take the same branches. One update, since the seeds say nothing of
later ones."""
import os
from collections import OrderedDict

from torch import nn, optim

from strata_layers import Concat, Conv, CropTo, From, Golden, Network, Tap, Upsample, ZeroExtended, record

IMAGE, CLASSES = (40, 42, 3), 5


class BasicBlock(nn.Module):
    """torchvision's, with its names."""

    def __init__(self, i, o, first, second, projection=None):
        super().__init__()
        self.conv1, self.bn1 = Conv(i, o, 3, **first), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = Conv(o, o, 3, **second), nn.BatchNorm2d(o)
        self.downsample = nn.Identity() if projection is None else nn.Sequential(Conv(i, o, 1, **projection), nn.BatchNorm2d(o))

    def forward(self, x):
        y = self.bn1(self.conv1(x)).relu()
        return (self.bn2(self.conv2(y)) + self.downsample(x)).relu()


def stage(i, o, stride, pad, rate, bias):
    """pad: of the striding convolution; None is Same."""
    first, rest = dict(stride=stride, pad=pad, bias=bias), dict(dilation=rate, pad=4 * (rate,), bias=bias)
    shortcut = dict(stride=stride, pad=4 * (0,), bias=bias)
    return nn.Sequential(BasicBlock(i, o, first, rest, shortcut), BasicBlock(o, o, rest, rest))


class CropToInput(nn.Module):
    def forward(self, x):
        top, left = (x.shape[-2] - IMAGE[0]) // 2, (x.shape[-1] - IMAGE[1]) // 2
        return x[..., top:top + IMAGE[0], left:left + IMAGE[1]]


def deeplab(matlab):
    enlarge = ZeroExtended if matlab else Upsample

    def block(i, o, kernel, rate=1):
        pad = 4 * (rate * (kernel // 2),)
        return nn.Sequential(Conv(i, o, kernel, dilation=rate, pad=pad, bias=matlab), nn.BatchNorm2d(o), nn.ReLU())

    one = 4 * (1,)
    plain = dict(pad=one, bias=matlab)
    trunk = OrderedDict(
        conv1=Conv(3, 64, 7, stride=2, pad=4 * (3,), bias=matlab), bn1=nn.BatchNorm2d(64), relu=nn.ReLU(),
        maxpool=nn.MaxPool2d(3, 2, 1),                                                           # 10 x 11
        layer1=nn.Sequential(BasicBlock(64, 64, plain, plain), BasicBlock(64, 64, plain, plain)), low=Tap("low"),
        layer2=stage(64, 128, 2, one, 1, matlab),                                                # 5 x 6
        layer3=stage(128, 256, 2, None if matlab else one, 1, matlab),                           # 3 x 3
        layer4=stage(256, 512, 1, one, 2, matlab))                                               # 3 x 3
    return Network(IMAGE, OrderedDict(
        backbone=nn.Sequential(trunk),
        aspp=Concat(block(512, 256, 1), block(512, 256, 3, 6), block(512, 256, 3, 12), block(512, 256, 3, 18)),
        project=block(1024, 256, 1), enlarged=enlarge(4),                                        # 12 x 12
        decoder=Concat(nn.Sequential(From("low"), block(64, 48, 1)), CropTo("low")),             # 10 x 11
        refine=nn.Sequential(block(304, 256, 3), block(256, 256, 3)),
        scorer=Conv(256, CLASSES, 1), scores=enlarge(4), cropped=CropToInput()))                 # 40 x 42


def is_bias(model, name):
    return name.endswith("bias") and not isinstance(model.get_submodule(name.rsplit(".", 1)[0]), nn.BatchNorm2d)


def matlab_groups(model, rate):
    """Biases stay, the weights of the head's convolutions learn ten times faster."""
    weights = lambda n, p: p.dim() > 1 and not n.startswith("backbone")
    return [{"params": [p for n, p in model.named_parameters() if weights(n, p)], "lr": 10 * rate},
            {"params": [p for n, p in model.named_parameters() if not weights(n, p) and not is_bias(model, n)], "lr": rate}]


def torchvision_groups(model, rate):
    """One rate; weight decay on all but the scorer's bias."""
    return [{"params": [p for n, p in model.named_parameters() if not is_bias(model, n)], "lr": rate},
            {"params": [p for n, p in model.named_parameters() if is_bias(model, n)], "lr": rate, "weight_decay": 0}]


if __name__ == "__main__":
    folder = os.path.dirname(os.path.abspath(__file__))
    for variant, seed, groups in [("matlab", 13, matlab_groups), ("torchvision", 6, torchvision_groups)]:
        golden = Golden(os.path.join(folder, f"deeplab_{variant}.hpp"), "make_deeplab.py", f"DeepLabv3+ ({variant}).", samples=31)
        record(golden, lambda: deeplab(variant == "matlab"), variant, 2, seed,
               [("sgd", lambda m: optim.SGD(groups(m, 0.03), momentum=0.9, weight_decay=5e-4))], updates=1)
        golden.write()
