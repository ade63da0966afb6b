# SPDX-License-Identifier: MIT
"""The layers of the language in PyTorch, the random numbers of the tests, and the writer of golden values.

Used by make_*.py. Everything is computed in double precision, so that a golden value is right to all digits written.
"""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MASK = (1 << 64) - 1


def mix(seed, counter):
    """core/random.hpp"""
    x = (seed + counter * 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


class Random:
    def __init__(self, seed):
        self.seed, self.counter = seed, 0

    def next(self):
        self.counter += 1
        return mix(self.seed, self.counter - 1)

    def below(self, bound):
        return (self.next() * bound) >> 64

    def between(self, low, high, shape):
        """Floats, as the tests round them. numpy's words of 64 bits wrap around as those of C++ do."""
        x = np.arange(self.counter, self.counter + math.prod(shape), dtype=np.uint64)
        self.counter += len(x)
        x = np.uint64(self.seed) + x * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        uniform = ((x ^ (x >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2.0**24
        return torch.tensor((low + (high - low) * uniform).astype(np.float32).reshape(shape), dtype=torch.float64)


BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
NORMS = (*BATCH_NORMS, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm2d)


def fan_in(layer):
    """How many products an output sums."""
    shape = layer.weight.shape
    return shape[0] * math.prod(shape[2:]) if isinstance(layer, nn.ConvTranspose2d) else math.prod(shape[1:])


def draw_parameters(random, model):
    for layer in model.modules():
        for name, tensor in layer.named_parameters(recurse=False):
            if isinstance(layer, NORMS):
                tensor.data = random.between(0.5, 1.5, tensor.shape) if name == "weight" else random.between(-0.5, 0.5, tensor.shape)
            elif name == "weight" and not isinstance(layer, nn.PReLU):
                spread = math.sqrt(6.0 / fan_in(layer))
                tensor.data = random.between(-spread, spread, tensor.shape)
            else:
                tensor.data = random.between(-0.5, 0.5, tensor.shape)


def draw_data(model, count, seed):
    """include/strata/reference/random_data.hpp: parameters, buffers, images (N, C, H, W), labels."""
    random = Random(seed)
    draw_parameters(random, model)
    height, width, channels = model.image
    scale = random.between(0.5, 1.5, (channels,))
    shift = random.between(-0.5, 0.5, (channels,))
    model.scale, model.shift = scale.reshape(1, -1, 1, 1), shift.reshape(1, -1, 1, 1)
    for layer in model.modules():
        if isinstance(layer, BATCH_NORMS):
            layer.running_mean.data = random.between(-0.5, 0.5, layer.running_mean.shape)
            layer.running_var.data = random.between(0.5, 1.5, layer.running_var.shape)
    images = random.between(-1, 1, (count, height, width, channels)).permute(0, 3, 1, 2)
    with torch.no_grad():
        classes, *map_size = model.eval()(images[:1]).shape[1:]
    labels = []
    for i in range(count * math.prod(map_size)):
        ignored = i > 0 and random.below(8) == 0
        labels.append(-1 if ignored else random.below(classes))
    return images, torch.tensor(labels).reshape(count, *map_size)


def pair(size):
    return size if isinstance(size, tuple) else (size, size)


def same_padding(x, kernel, stride, dilation):
    """left, right, top, bottom: the smaller half first, as F.pad wants it."""
    sides = []
    for size, k, s, d in zip(x.shape[-2:], kernel, stride, dilation):
        total = max(0, (-(-size // s) - 1) * s + (k - 1) * d + 1 - size)
        sides.append((total // 2, total - total // 2))
    return sides[1] + sides[0]


class Conv(nn.Conv2d):
    """pad: None is Same; else top, left, bottom, right. mode: of F.pad."""

    def __init__(self, i, o, kernel, stride=1, dilation=1, pad=None, bias=True, groups=1, mode="constant"):
        super().__init__(i, o, pair(kernel), pair(stride), 0, pair(dilation), groups, bias)
        self.pad, self.mode = pad, mode

    def forward(self, x):
        if self.pad is None:
            pad = same_padding(x, self.kernel_size, self.stride, self.dilation)
        else:
            pad = (self.pad[1], self.pad[3], self.pad[0], self.pad[2])
        return super().forward(F.pad(x, pad, mode=self.mode))


class DepthwiseConv(Conv):
    def __init__(self, i, o, kernel, **options):
        super().__init__(i, o, kernel, groups=i, **options)


class TransposedConv(nn.ConvTranspose2d):
    def __init__(self, i, o, kernel, stride=1, dilation=1, bias=True):
        super().__init__(i, o, pair(kernel), pair(stride), 0, 0, 1, bias, pair(dilation))

    def forward(self, x):
        full = super().forward(x)
        sizes = [n * s for n, s in zip(x.shape[-2:], self.stride)]
        top, left = [(f - n) // 2 for f, n in zip(full.shape[-2:], sizes)]
        return full[..., top:top + sizes[0], left:left + sizes[1]]


class PaddedTransposedConv(nn.ConvTranspose2d):
    """With Pad: PyTorch's own, whose arguments are stride, padding, output_padding."""


class Conv1d(nn.Conv1d):
    """Of maps of one row. PyTorch's own arguments."""

    def forward(self, x):
        return super().forward(x[:, :, 0]).unsqueeze(2)


class MaxPool1d(nn.MaxPool1d):
    def forward(self, x):
        return super().forward(x[:, :, 0]).unsqueeze(2)


class AvgPool1d(nn.AvgPool1d):
    def forward(self, x):
        return super().forward(x[:, :, 0]).unsqueeze(2)


class Dense(nn.Linear):
    def forward(self, x):
        return super().forward(x.flatten(1)).reshape(len(x), -1, 1, 1)


class Flatten(nn.Module):
    def forward(self, x):
        return x.reshape(len(x), -1, 1, 1)


class Reshape(nn.Module):
    def __init__(self, height, width, channels):
        super().__init__()
        self.shape = (channels, height, width)

    def forward(self, x):
        return x.reshape(len(x), *self.shape)


class ChannelShuffle(nn.Module):
    """nn.ChannelShuffle, which has no gradient in PyTorch 1.13."""

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def forward(self, x):
        return x.unflatten(1, (self.groups, -1)).transpose(1, 2).flatten(1, 2)


class Slice(nn.Module):
    def __init__(self, first, count):
        super().__init__()
        self.first, self.count = first, count

    def forward(self, x):
        return x[:, self.first:self.first + self.count]


class Split(nn.Module):
    """parts: (name, channels)"""

    def __init__(self, *parts):
        super().__init__()
        self.parts = parts

    def forward(self, x):
        for (name, _), part in zip(self.parts, x.split([channels for _, channels in self.parts], 1)):
            TAPS[name] = part
        return x


class Crop(nn.Module):
    def __init__(self, height, width, top, left):
        super().__init__()
        self.rows, self.columns = slice(top, top + height), slice(left, left + width)

    def forward(self, x):
        return x[..., self.rows, self.columns]


class Pad(nn.Module):
    """As F.pad: left, right, top, bottom."""

    def __init__(self, sides, mode="constant"):
        super().__init__()
        self.sides, self.mode = sides, mode

    def forward(self, x):
        return F.pad(x, self.sides, mode=self.mode)


class MaxPool(nn.Module):
    def __init__(self, kernel, stride=None, same=False):
        super().__init__()
        self.kernel, self.stride, self.same = pair(kernel), pair(stride or kernel), same

    def forward(self, x):
        if self.same:
            x = F.pad(x, same_padding(x, self.kernel, self.stride, (1, 1)), value=-math.inf)
        return F.max_pool2d(x, self.kernel, self.stride)


class AvgPool(MaxPool):
    def forward(self, x):
        if self.same:
            x = F.pad(x, same_padding(x, self.kernel, self.stride, (1, 1)))
        return F.avg_pool2d(x, self.kernel, self.stride)


class GlobalAvgPool(nn.Module):
    def forward(self, x):
        return x.mean((2, 3), keepdim=True)


class Broadcast(nn.Sequential):
    def forward(self, x):
        return super().forward(x).expand(-1, -1, *x.shape[-2:])


class Upsample(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return F.interpolate(x, scale_factor=self.factor, mode="bilinear", align_corners=False)


class ZeroExtended(Upsample):
    def forward(self, x):
        f, c = self.factor, x.shape[1]
        taps = 1 - (torch.arange(2 * f, dtype=x.dtype) + 0.5 - f).abs() / f
        kernel = (taps[:, None] * taps[None, :]).expand(c, 1, -1, -1)
        return F.conv_transpose2d(x, kernel, stride=f, padding=f // 2, groups=c)


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body, self.shortcut = body, shortcut or nn.Identity()

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class Sum(nn.Sequential):
    def forward(self, x):
        return sum(branch(x) for branch in self)


class Multiply(nn.Sequential):
    def forward(self, x):
        return self[0](x) * self[1](x)


class Subtract(nn.Sequential):
    def forward(self, x):
        return self[0](x) - self[1](x)


class Maximum(nn.Sequential):
    def forward(self, x):
        y = self[0](x)
        for branch in self[1:]:
            y = torch.maximum(y, branch(x))
        return y


class PixelNorm(nn.LayerNorm):
    """LayerNorm over the channels of each pixel."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class SqueezeExcite(nn.Module):
    """As torchvision's SqueezeExcitation."""

    def __init__(self, channels, squeezed, activation=nn.ReLU, gate=nn.Sigmoid):
        super().__init__()
        self.fc1, self.fc2 = Conv(channels, squeezed, 1), Conv(squeezed, channels, 1)
        self.activation, self.gate = activation(), gate()

    def forward(self, x):
        return x * self.gate(self.fc2(self.activation(self.fc1(x.mean((2, 3), keepdim=True)))))


class Concat(nn.Sequential):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self], 1)


TAPS = {}


class Tap(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def forward(self, x):
        TAPS[self.name] = x
        return x


class From(Tap):
    def forward(self, x):
        return TAPS[self.name]


class CropTo(Tap):
    def forward(self, x):
        height, width = TAPS[self.name].shape[-2:]
        top, left = (x.shape[-2] - height) // 2, (x.shape[-1] - width) // 2
        return x[..., top:top + height, left:left + width]


class Network(nn.Sequential):
    """image: (height, width, channels). Gives logits (N, C, 1, 1) as (N, C), or maps."""

    def __init__(self, image, *layers):
        super().__init__(*layers)
        self.image = image
        self.scale, self.shift = 1.0, 0.0
        self.double()

    def forward(self, x):
        logits = super().forward(x * self.scale + self.shift)
        return logits.flatten(1) if logits.shape[-2:] == (1, 1) else logits


class Golden:
    """Values into a header of constants. Of a long tensor `samples` elements, evenly spread, and its sum of squares."""

    def __init__(self, path, script, title, samples=61):
        self.path, self.samples = path, samples
        self.lines = ["// SPDX-License-Identifier: MIT", f"// {title} Written by {script} with PyTorch {torch.__version__.split('+')[0]}, in double precision.",
                      "#pragma once", "", '#include "golden.hpp"', "", "namespace strata::golden {", ""]

    def tensors(self, name, tensors):
        """tensors: (name, tensor) in PyTorch's order and layout."""
        rows = []
        for label, tensor in tensors:
            flat = tensor.detach().double().flatten()
            step = 1 + len(flat) // self.samples
            values = ", ".join(f"{v:.12g}" for v in flat[::step].tolist())
            rows.append(f'    {{"{label}", {len(flat)}, {step}, {float((flat * flat).sum()):.12g}, {{{values}}}}},')
        self.lines += [f"inline const std::vector<Tensor> {name} = {{", *rows, "};", ""]

    def number(self, name, value):
        self.lines += [f"inline constexpr double {name} = {float(value.detach()):.15g};", ""]

    def write(self):
        text = "\n".join([*self.lines, "}  // namespace strata::golden", ""])
        wrapped = []
        for line in text.split("\n"):
            while len(line) > 118:
                cut = line.rfind(", ", 0, 117) + 1
                wrapped.append(line[:cut])
                line = "     " + line[cut:]
            wrapped.append(line)
        with open(self.path, "w") as file:
            file.write("\n".join(wrapped))


def loss_of(logits, labels, reduction="mean"):
    return F.cross_entropy(logits, labels, ignore_index=-1, reduction=reduction)


def record(golden, make, prefix, count, seed, optimizers=(), updates=3):
    """Inference, one training step, and some updates with each optimizer, all from the same numbers."""
    model = make()
    images, labels = draw_data(model, count, seed)
    model.eval()
    with torch.no_grad():
        scores = model(images).softmax(1)
    golden.tensors(f"{prefix}_scores", [("scores", scores.movedim(1, -1))])

    model.train()
    logits = model(images)
    golden.number(f"{prefix}_loss", loss_of(logits, labels, "sum"))
    loss_of(logits, labels).backward()
    golden.tensors(f"{prefix}_gradients", [(n, p.grad) for n, p in model.named_parameters()])
    golden.tensors(f"{prefix}_buffers", [(n, b) for n, b in model.named_buffers() if not n.endswith("num_batches_tracked")])

    for name, optimizer in optimizers:
        model = make()
        images, labels = draw_data(model, count, seed)
        model.train()
        steps = optimizer(model)
        for _ in range(updates):
            steps.zero_grad()
            loss_of(model(images), labels).backward()
            steps.step()
        golden.tensors(f"{prefix}_after_{name}", list(model.named_parameters()))
        golden.number(f"{prefix}_loss_after_{name}", loss_of(model(images), labels, "sum"))
