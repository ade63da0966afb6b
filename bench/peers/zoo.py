# SPDX-License-Identifier: MIT
"""The networks of include/strata/models as PyTorch modules, written from the papers, with the tensor names and layouts of
torchvision where it has the network. They give scores before the softmax, and drop nothing. The widths that `hidden` and
`channels` name are arguments of strata's types, too.

NETWORKS says of each how strata spells it and what it reads."""
from collections import OrderedDict
from functools import partial
from typing import Callable, NamedTuple

import torch
from torch import nn
from torch.nn import functional


def conv_bn(inputs, outputs, kernel, stride=1, groups=1, activation=nn.ReLU, norm=nn.BatchNorm2d):
    """Convolution, padded by half the kernel, batch norm, activation."""
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), norm(outputs)]
    return nn.Sequential(*layers, *([activation()] if activation else []))


class Join(nn.Sequential):
    """Branches that read the same, one after another in the channels."""

    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


class Residual(nn.Module):
    """body(x) + x; the tensors are named as those of the body, whose name is `name`."""

    def __init__(self, name, body, adds=True):
        super().__init__()
        self.name, self.adds = name, adds
        self.add_module(name, body)

    def forward(self, x):
        y = getattr(self, self.name)(x)
        return x + y if self.adds else y


class Classifier(nn.Sequential):
    """Gives one row of scores for each image."""

    def forward(self, x):
        return super().forward(x).flatten(1)


class LeNet5(nn.Module):
    """LeCun et al., doi 10.1109/5.726791."""

    def __init__(self, classes, channels=1, size=32):
        super().__init__()
        places = ((size - 4) // 2 - 4) // 2
        self.conv1, self.conv2 = nn.Conv2d(channels, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(16 * places * places, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = functional.avg_pool2d(conv(x).tanh(), 2)
        return self.fc3(self.fc2(self.fc1(x.flatten(1)).tanh()).tanh())


def alexnet(classes, hidden=4096):
    """Krizhevsky, arXiv 1404.5997."""
    return Classifier(OrderedDict(
        features=nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(),
            nn.MaxPool2d(3, 2), nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
        avgpool=nn.AdaptiveAvgPool2d(6), flatten=nn.Flatten(),
        classifier=nn.Sequential(nn.Dropout(0), nn.Linear(256 * 36, hidden), nn.ReLU(), nn.Dropout(0),
                                 nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, classes))))


def convolutions(inputs, outputs, count):
    """`count` 3x3 convolutions, each with a ReLU, and a pool: the blocks of VGG-16."""
    layers = []
    for _ in range(count):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
        inputs = outputs
    return layers + [nn.MaxPool2d(2)]


VGG16_BLOCKS = ((3, 64, 2), (64, 128, 2), (128, 256, 3), (256, 512, 3), (512, 512, 3))


def vgg16(classes, hidden=4096):
    """Simonyan and Zisserman, arXiv 1409.1556."""
    return Classifier(OrderedDict(
        features=nn.Sequential(*(layer for block in VGG16_BLOCKS for layer in convolutions(*block))),
        avgpool=nn.AdaptiveAvgPool2d(7), flatten=nn.Flatten(),
        classifier=nn.Sequential(nn.Linear(512 * 49, hidden), nn.ReLU(), nn.Dropout(0), nn.Linear(hidden, hidden), nn.ReLU(),
                                 nn.Dropout(0), nn.Linear(hidden, classes))))


class BasicBlock(nn.Module):
    """Of ResNet-18 and ResNet-34. dilations: of the two convolutions."""

    expansion = 1

    def __init__(self, inputs, outputs, stride=1, dilations=(1, 1)):
        super().__init__()
        first, second = dilations
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, first, first, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, second, second, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs:
            self.downsample = conv_bn(inputs, outputs, 1, stride, activation=None)

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


class Bottleneck(nn.Module):
    """Of ResNet-50, with the stride in the 3x3 convolution."""

    expansion = 4

    def __init__(self, inputs, channels, stride=1):
        super().__init__()
        outputs = 4 * channels
        self.conv1, self.bn1 = nn.Conv2d(inputs, channels, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv3, self.bn3 = nn.Conv2d(channels, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs:
            self.downsample = conv_bn(inputs, outputs, 1, stride, activation=None)

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()
        return (self.bn3(self.conv3(y)) + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


def stem():
    return OrderedDict(conv1=nn.Conv2d(3, 64, 7, 2, 3, bias=False), bn1=nn.BatchNorm2d(64), relu=nn.ReLU(),
                       maxpool=nn.MaxPool2d(3, 2, 1))


def resnet(block, depths, classes):
    """He et al., arXiv 1512.03385."""
    layers, inputs = stem(), 64
    for stage, depth in enumerate(depths):
        channels, blocks = 64 << stage, []
        for index in range(depth):
            blocks.append(block(inputs, channels, 2 if stage > 0 and index == 0 else 1))
            inputs = channels * block.expansion
        layers["layer%d" % (stage + 1)] = nn.Sequential(*blocks)
    layers.update(avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=nn.Linear(inputs, classes))
    return Classifier(layers)


def mobilenet_v2(classes):
    """Sandler et al., arXiv 1801.04381."""
    layers, inputs = [conv_bn(3, 32, 3, 2, activation=nn.ReLU6)], 32
    for expand, outputs, count, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                           (6, 160, 3, 2), (6, 320, 1, 1)):
        for index in range(count):
            step, wide = stride if index == 0 else 1, inputs * expand
            body = [conv_bn(inputs, wide, 1, activation=nn.ReLU6)] if expand > 1 else []
            body += [conv_bn(wide, wide, 3, step, wide, nn.ReLU6), nn.Conv2d(wide, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
            layers.append(Residual("conv", nn.Sequential(*body), step == 1 and inputs == outputs))
            inputs = outputs
    layers.append(conv_bn(inputs, 1280, 1, activation=nn.ReLU6))
    return Classifier(OrderedDict(features=nn.Sequential(*layers), avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(),
                                  classifier=nn.Sequential(nn.Dropout(0), nn.Linear(1280, classes))))


class SqueezeExcitation(nn.Module):
    """Hu et al., arXiv 1709.01507."""

    def __init__(self, channels, squeezed, activation, gate):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
        self.activation, self.gate = activation(), gate()

    def forward(self, x):
        return x * self.gate(self.fc2(self.activation(self.fc1(x.mean((2, 3), keepdim=True)))))


def inverted_residual(inputs, wide, outputs, kernel, stride, squeeze, activation, norm):
    """squeeze: makes the squeeze-and-excitation of so many channels, or None."""
    body = [conv_bn(inputs, wide, 1, activation=activation, norm=norm)] if wide != inputs else []
    body.append(conv_bn(wide, wide, kernel, stride, wide, activation, norm))
    if squeeze:
        body.append(squeeze(wide))
    body.append(conv_bn(wide, outputs, 1, activation=None, norm=norm))
    return Residual("block", nn.Sequential(*body), stride == 1 and inputs == outputs)


def mobilenet_v3_small(classes):
    """Howard et al., arXiv 1905.02244."""
    norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)
    layers, inputs = [conv_bn(3, 16, 3, 2, activation=nn.Hardswish, norm=norm)], 16
    for kernel, wide, outputs, squeezed, activation, stride in (
            (3, 16, 16, 8, nn.ReLU, 2), (3, 72, 24, 0, nn.ReLU, 2), (3, 88, 24, 0, nn.ReLU, 1), (5, 96, 40, 24, nn.Hardswish, 2),
            (5, 240, 40, 64, nn.Hardswish, 1), (5, 240, 40, 64, nn.Hardswish, 1), (5, 120, 48, 32, nn.Hardswish, 1),
            (5, 144, 48, 40, nn.Hardswish, 1), (5, 288, 96, 72, nn.Hardswish, 2), (5, 576, 96, 144, nn.Hardswish, 1),
            (5, 576, 96, 144, nn.Hardswish, 1)):
        squeeze = partial(SqueezeExcitation, squeezed=squeezed, activation=nn.ReLU, gate=nn.Hardsigmoid) if squeezed else None
        layers.append(inverted_residual(inputs, wide, outputs, kernel, stride, squeeze, activation, norm))
        inputs = outputs
    layers.append(conv_bn(inputs, 576, 1, activation=nn.Hardswish, norm=norm))
    return Classifier(OrderedDict(
        features=nn.Sequential(*layers), avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(),
        classifier=nn.Sequential(nn.Linear(576, 1024), nn.Hardswish(), nn.Dropout(0), nn.Linear(1024, classes))))


def efficientnet_b0(classes):
    """Tan and Le, arXiv 1905.11946. torchvision's B0 has PyTorch's default batch norms; only B5 and larger have others."""
    norm = nn.BatchNorm2d
    layers, inputs = [conv_bn(3, 32, 3, 2, activation=nn.SiLU)], 32
    for expand, kernel, stride, outputs, count in ((1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3),
                                                   (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)):
        blocks = []
        for index in range(count):
            squeeze = partial(SqueezeExcitation, squeezed=inputs // 4, activation=nn.SiLU, gate=nn.Sigmoid)
            blocks.append(inverted_residual(inputs, inputs * expand, outputs, kernel, stride if index == 0 else 1, squeeze, nn.SiLU, norm))
            inputs = outputs
        layers.append(nn.Sequential(*blocks))
    layers.append(conv_bn(inputs, 1280, 1, activation=nn.SiLU))
    return Classifier(OrderedDict(features=nn.Sequential(*layers), avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(),
                                  classifier=nn.Sequential(nn.Dropout(0), nn.Linear(1280, classes))))


class Fire(nn.Module):
    def __init__(self, inputs, squeezed, expanded):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x):
        x = self.squeeze(x).relu()
        return torch.cat([self.expand1x1(x).relu(), self.expand3x3(x).relu()], 1)


def squeezenet(classes):
    """SqueezeNet 1.1: Iandola et al., arXiv 1602.07360, and github.com/forresti/SqueezeNet."""
    pool = partial(nn.MaxPool2d, 3, 2, ceil_mode=True)
    return Classifier(OrderedDict(
        features=nn.Sequential(nn.Conv2d(3, 64, 3, 2), nn.ReLU(), pool(), Fire(64, 16, 64), Fire(128, 16, 64), pool(),
                               Fire(128, 32, 128), Fire(256, 32, 128), pool(), Fire(256, 48, 192), Fire(384, 48, 192),
                               Fire(384, 64, 256), Fire(512, 64, 256)),
        classifier=nn.Sequential(nn.Dropout(0), nn.Conv2d(512, classes, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))))


class ShuffleUnit(nn.Module):
    """At stride 1, half of the channels pass; at stride 2, both branches read all of them."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        half = outputs // 2
        self.halves = stride == 1
        if not self.halves:
            self.branch1 = nn.Sequential(*conv_bn(inputs, inputs, 3, stride, inputs, None), *conv_bn(inputs, half, 1))
        first = half if self.halves else inputs
        self.branch2 = nn.Sequential(*conv_bn(first, half, 1), *conv_bn(half, half, 3, stride, half, None), *conv_bn(half, half, 1))

    def forward(self, x):
        if self.halves:
            passing, x = x.chunk(2, 1)
        else:
            passing = self.branch1(x)
        y = torch.cat([passing, self.branch2(x)], 1)
        return y.unflatten(1, (2, -1)).transpose(1, 2).flatten(1, 2)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def shufflenet_v2(classes):
    """ShuffleNetV2 x1.0: Ma et al., arXiv 1807.11164."""
    layers, inputs = OrderedDict(conv1=conv_bn(3, 24, 3, 2), maxpool=nn.MaxPool2d(3, 2, 1)), 24
    for stage, (count, outputs) in enumerate(((4, 116), (8, 232), (4, 464))):
        layers["stage%d" % (stage + 2)] = nn.Sequential(
            *(ShuffleUnit(inputs if index == 0 else outputs, outputs, 2 if index == 0 else 1) for index in range(count)))
        inputs = outputs
    layers.update(conv5=conv_bn(inputs, 1024, 1), mean=Mean(), fc=nn.Linear(1024, classes))
    return Classifier(layers)


class DenseLayer(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, 128, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(128), nn.Conv2d(128, 32, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv2(self.norm2(self.conv1(self.norm1(x).relu())).relu())], 1)


def densenet121(classes):
    """Huang et al., arXiv 1608.06993."""
    layers, channels = OrderedDict(conv0=nn.Conv2d(3, 64, 7, 2, 3, bias=False), norm0=nn.BatchNorm2d(64), relu0=nn.ReLU(),
                                   pool0=nn.MaxPool2d(3, 2, 1)), 64
    for block, count in enumerate((6, 12, 24, 16), 1):
        layers["denseblock%d" % block] = nn.Sequential(
            OrderedDict(("denselayer%d" % (index + 1), DenseLayer(channels + 32 * index)) for index in range(count)))
        channels += 32 * count
        if block < 4:
            layers["transition%d" % block] = nn.Sequential(
                OrderedDict(norm=nn.BatchNorm2d(channels), relu=nn.ReLU(), conv=nn.Conv2d(channels, channels // 2, 1, bias=False),
                            pool=nn.AvgPool2d(2)))
            channels //= 2
    layers["norm5"] = nn.BatchNorm2d(channels)
    return Classifier(OrderedDict(features=nn.Sequential(layers), relu=nn.ReLU(), avgpool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(),
                                  classifier=nn.Linear(channels, classes)))


class DoubleConv(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()


class Up(nn.Module):
    """Twice the rows and columns and half the channels, joined with a map of the way down."""

    def __init__(self, channels):
        super().__init__()
        self.up = nn.ConvTranspose2d(2 * channels, channels, 2, 2)
        both = DoubleConv(2 * channels, channels)
        self.conv1, self.bn1, self.conv2, self.bn2 = both.conv1, both.bn1, both.conv2, both.bn2

    def forward(self, x, skip):
        return DoubleConv.forward(self, torch.cat([skip, self.up(x)], 1))


class UNet(nn.Module):
    """Ronneberger et al., arXiv 1505.04597, padded and with batch norms."""

    def __init__(self, classes, channels=64):
        super().__init__()
        inputs = 3
        for level in range(4):
            self.add_module("down%d" % (level + 1), DoubleConv(inputs, channels << level))
            inputs = channels << level
        self.bottom = DoubleConv(inputs, 2 * inputs)
        for level in range(3, -1, -1):
            self.add_module("up%d" % (level + 1), Up(channels << level))
        self.score = nn.Conv2d(channels, classes, 1)

    def forward(self, x):
        skips = []
        for down in (self.down1, self.down2, self.down3, self.down4):
            skips.append(down(x))
            x = functional.max_pool2d(skips[-1], 2)
        x = self.bottom(x)
        for up in (self.up4, self.up3, self.up2, self.up1):
            x = up(x, skips.pop())
        return self.score(x)


class FCN8s(nn.Module):
    """Long et al., arXiv 1411.4038, padded by half of each kernel, with learned upsampling."""

    def __init__(self, classes, hidden=4096):
        super().__init__()
        for number, block in enumerate(VGG16_BLOCKS, 1):
            self.add_module("block%d" % number, nn.Sequential(*convolutions(*block)))
        self.fc6, self.fc7 = nn.Conv2d(512, hidden, 7, padding=3), nn.Conv2d(hidden, hidden, 1)
        self.score = nn.Conv2d(hidden, classes, 1)
        enlarge = partial(nn.ConvTranspose2d, classes, classes, bias=False)
        self.upscore2, self.score_pool4 = enlarge(4, 2, 1), nn.Conv2d(512, classes, 1)
        self.upscore4, self.score_pool3 = enlarge(4, 2, 1), nn.Conv2d(256, classes, 1)
        self.upscore8 = enlarge(16, 8, 4)

    def forward(self, x):
        pool3 = self.block3(self.block2(self.block1(x)))
        pool4 = self.block4(pool3)
        y = self.score(self.fc7(self.fc6(self.block5(pool4)).relu()).relu())
        y = self.upscore2(y) + self.score_pool4(pool4)
        return self.upscore8(self.upscore4(y) + self.score_pool3(pool3))


class M5(nn.Module):
    """Dai et al., arXiv 1610.00087. Of maps of one row."""

    def __init__(self, classes, channels=128):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(1, channels, 80, 4), nn.BatchNorm1d(channels)
        self.conv2, self.bn2 = nn.Conv1d(channels, channels, 3), nn.BatchNorm1d(channels)
        self.conv3, self.bn3 = nn.Conv1d(channels, 2 * channels, 3), nn.BatchNorm1d(2 * channels)
        self.conv4, self.bn4 = nn.Conv1d(2 * channels, 4 * channels, 3), nn.BatchNorm1d(4 * channels)
        self.fc1 = nn.Linear(4 * channels, classes)

    def forward(self, x):
        x = x[:, :, 0]
        for conv, norm in ((self.conv1, self.bn1), (self.conv2, self.bn2), (self.conv3, self.bn3), (self.conv4, self.bn4)):
            x = functional.max_pool1d(norm(conv(x)).relu(), 4)
        return self.fc1(x.mean(2))


class DeepLabv3Plus(nn.Module):
    """On ResNet-18: Chen et al., arXiv 1802.02611, as strata's TorchvisionLike."""

    def __init__(self, classes):
        super().__init__()
        self.backbone = nn.Sequential(OrderedDict(
            **stem(), layer1=nn.Sequential(BasicBlock(64, 64), BasicBlock(64, 64)),
            layer2=nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128)),
            layer3=nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256)),
            layer4=nn.Sequential(BasicBlock(256, 512, 1, (1, 2)), BasicBlock(512, 512, 1, (2, 2)))))
        self.aspp = Join(conv_bn(512, 256, 1), *(self.dilated(rate) for rate in (6, 12, 18)))
        self.project = conv_bn(1024, 256, 1)
        self.decoder = nn.Sequential(nn.Sequential(nn.Identity(), conv_bn(64, 48, 1)))
        self.refine = nn.Sequential(conv_bn(304, 256, 3), conv_bn(256, 256, 3))
        self.scorer = nn.Conv2d(256, classes, 1)

    @staticmethod
    def dilated(rate):
        return nn.Sequential(nn.Conv2d(512, 256, 3, 1, rate, rate, bias=False), nn.BatchNorm2d(256), nn.ReLU())

    @staticmethod
    def enlarged(x, like):
        """Four times the rows and columns, and of these the center, as large as another map."""
        x = functional.interpolate(x, scale_factor=4, mode="bilinear", align_corners=False)
        top, left = (x.shape[2] - like.shape[2]) // 2, (x.shape[3] - like.shape[3]) // 2
        return x[:, :, top:top + like.shape[2], left:left + like.shape[3]]

    def forward(self, x):
        trunk = self.backbone
        low = trunk.layer1(trunk.maxpool(trunk.relu(trunk.bn1(trunk.conv1(x)))))
        y = self.project(self.aspp(trunk.layer4(trunk.layer3(trunk.layer2(low)))))
        y = self.scorer(self.refine(torch.cat([self.decoder[0](low), self.enlarged(y, low)], 1)))
        return self.enlarged(y, x)


class Network(NamedTuple):
    """`make(classes, **widths)` gives the module. `spelled` is strata's type, with {input}, {classes} and, where it has a
    width, {width}, whose value in the paper is `width` and whose argument of `make` is `width_name`."""
    make: Callable
    header: str
    spelled: str
    size: int = 224
    channels: int = 3
    classes: int = 1000
    width: int = 0
    width_name: str = ""

    def module(self, classes=None, width=None):
        widths = {self.width_name: width} if width else {}
        return self.make(classes or self.classes, **widths)

    def shape(self, size=None):
        """Height, width and channels of an image."""
        size = size or self.size
        return (1, size, self.channels) if self.header == "m5.hpp" else (size, size, self.channels)

    def type(self, size=None, classes=None, width=None):
        height, columns, channels = self.shape(size)
        given = "Signal<%d, %d>" % (columns, channels) if self.header == "m5.hpp" else "Image<%d, %d, %d>" % (height, columns, channels)
        return self.spelled.format(input=given, classes=classes or self.classes, width=width or self.width)


NETWORKS = {
    "LeNet5": Network(LeNet5, "lenet5.hpp", "LeNet5<{input}, {classes}>", 32, 1, 10),
    "AlexNet": Network(alexnet, "alexnet.hpp", "AlexNet<{input}, {classes}, Real{{0}}, {width}>", width=4096, width_name="hidden"),
    "VGG16": Network(vgg16, "vgg16.hpp", "VGG16<{input}, {classes}, Real{{0}}, {width}>", width=4096, width_name="hidden"),
    "ResNet18": Network(partial(resnet, BasicBlock, (2, 2, 2, 2)), "resnet18.hpp", "ResNet18<{input}, {classes}>"),
    "ResNet34": Network(partial(resnet, BasicBlock, (3, 4, 6, 3)), "resnet18.hpp", "ResNet34<{input}, {classes}>"),
    "ResNet50": Network(partial(resnet, Bottleneck, (3, 4, 6, 3)), "resnet50.hpp", "ResNet50<{input}, {classes}>"),
    "MobileNetV2": Network(mobilenet_v2, "mobilenet_v2.hpp", "MobileNetV2<{input}, {classes}, Real{{0}}>"),
    "MobileNetV3Small": Network(mobilenet_v3_small, "mobilenet_v3.hpp", "MobileNetV3Small<{input}, {classes}, Real{{0}}>"),
    "EfficientNetB0": Network(efficientnet_b0, "efficientnet.hpp", "EfficientNetB0<{input}, {classes}, Real{{0}}>"),
    "SqueezeNet": Network(squeezenet, "squeezenet.hpp", "SqueezeNet<{input}, {classes}, Real{{0}}>"),
    "ShuffleNetV2": Network(shufflenet_v2, "shufflenet_v2.hpp", "ShuffleNetV2<{input}, {classes}>"),
    "DenseNet121": Network(densenet121, "densenet.hpp", "DenseNet121<{input}, {classes}>"),
    "UNet": Network(UNet, "unet.hpp", "UNet<{input}, {classes}, {width}>", 256, classes=2, width=64, width_name="channels"),
    "FCN8s": Network(FCN8s, "fcn8s.hpp", "FCN8s<{input}, {classes}, Real{{0}}, {width}>", classes=21, width=4096, width_name="hidden"),
    "M5": Network(M5, "m5.hpp", "M5<{input}, {classes}, {width}>", 32000, 1, 10, width=128, width_name="channels"),
    "DeepLabv3Plus": Network(DeepLabv3Plus, "deeplab_v3_plus.hpp", "DeepLabv3Plus<{input}, {classes}, TorchvisionLike>", classes=21),
}
