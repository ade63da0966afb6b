# SPDX-License-Identifier: MIT
"""Golden values of small networks that between them have every layer: python3 make_every_layer.py (needs torch and
numpy) writes every_layer.hpp. The declarations are in every_layer.cpp."""
import os

from torch import nn, optim

from strata_layers import (AvgPool, AvgPool1d, Broadcast, ChannelShuffle, Concat, Conv, Conv1d, Crop, CropTo, Dense,
                           DepthwiseConv, Flatten, From, GlobalAvgPool, Golden, Maximum, MaxPool, MaxPool1d, Multiply,
                           Network, Pad, PaddedTransposedConv, PixelNorm, Reshape, Residual, Slice, Split, SqueezeExcite,
                           Subtract, Sum, Tap, TransposedConv, Upsample, ZeroExtended, record)


def classifier():
    return Network((12, 10, 3),
                   Conv(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(),                    # 12 x 10 x 6
                   Conv(6, 8, 3, stride=2), nn.LeakyReLU(0.1), Tap("low"),         # 6 x 5 x 8
                   Conv(8, 8, (1, 3), dilation=(1, 2), bias=False), nn.GELU(),
                   Residual(nn.Sequential(DepthwiseConv(8, 16, 3), nn.BatchNorm2d(16), nn.Sigmoid(), Conv(16, 8, 1))),
                   Sum(Conv(8, 8, 1), nn.Sequential(Conv(8, 8, 3, dilation=2), nn.Tanh())),
                   MaxPool(2), TransposedConv(8, 6, 4, stride=2),                  # 6 x 4 x 6
                   AvgPool(3, stride=1, same=True), Upsample(2),                   # 12 x 8 x 6
                   CropTo("low"), Concat(nn.Identity(), From("low")),              # 6 x 5 x 14
                   MaxPool(3, stride=2, same=True), Conv(14, 12, 2, pad=(1, 0, 0, 1)),  # 3 x 3 x 12
                   Sum(nn.Sequential(GlobalAvgPool(), Dense(12, 5)), nn.Sequential(Flatten(), Dense(108, 5, bias=False))))


def segmenter():
    return Network((7, 9, 2),
                   Conv(2, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(),          # 4 x 5 x 6
                   Residual(nn.Sequential(Conv(6, 9, 3), nn.BatchNorm2d(9), nn.ReLU(), Conv(9, 9, 3), nn.BatchNorm2d(9)),
                            nn.Sequential(Conv(6, 9, 1, bias=False), nn.BatchNorm2d(9))), nn.ReLU(),
                   ZeroExtended(2), CropToInput(), Conv(9, 4, 1))                  # 7 x 9 x 4


class CropToInput(nn.Module):
    def forward(self, x):
        return x[..., 0:7, 0:9]  # of 8 x 10: floor of half the difference is 0


def pooled():
    return Network((5, 6, 2),
                   Conv(2, 6, 3), nn.BatchNorm2d(6), nn.ReLU(),                    # 5 x 6 x 6
                   Concat(Conv(6, 4, 1), Broadcast(GlobalAvgPool(), Conv(6, 5, 1), nn.BatchNorm2d(5), nn.ReLU())),
                   Conv(9, 4, 1))                                                  # 5 x 6 x 4


class Abs(nn.Module):
    def forward(self, x):
        return x.abs()


class Clip(nn.Module):
    def forward(self, x):
        return x.clamp(-0.4, 0.7)


class Exp(nn.Module):
    def forward(self, x):
        return x.exp()


def activated():
    activations = [nn.SiLU(), nn.Hardswish(), nn.ReLU6(), nn.Mish(), nn.Softplus(), nn.GELU(approximate="tanh"), nn.Hardsigmoid(),
                   nn.ELU(0.5), nn.SELU(), Abs(), Clip(), Exp()]
    return Network((5, 6, 2), Conv(2, 6, 3), Concat(*[nn.Sequential(Conv(6, 2, 1), a) for a in activations]), Conv(24, 3, 1))


def resized():
    def to(height, width, mode, **options):
        return nn.Upsample(size=(height, width), mode=mode, **options)

    return Network((12, 9, 2),
                   Conv(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(),                    # 12 x 9 x 4
                   Concat(nn.Sequential(nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.AdaptiveMaxPool2d((4, 5))),
                          nn.Sequential(nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.AdaptiveAvgPool2d((4, 5))),
                          nn.Sequential(nn.AvgPool2d(2, 2, (0, 1), ceil_mode=True, count_include_pad=False),
                                        to(4, 5, "bilinear", align_corners=False)),
                          nn.Sequential(nn.AdaptiveMaxPool2d(1), to(4, 5, "nearest")),
                          nn.Sequential(Conv(4, 3, 1), to(4, 5, "bilinear", align_corners=True))),
                   Conv(19, 4, 1), nn.Upsample(scale_factor=2, mode="nearest"),    # 8 x 10 x 4
                   to(7, 11, "bilinear", align_corners=True), Conv(4, 3, 1),
                   nn.Upsample(scale_factor=(1, 2), mode="bilinear", align_corners=False))  # 7 x 22 x 3


def rearranged():
    return Network((4, 5, 2),
                   Conv(2, 8, 3, mode="reflect"), nn.ReLU(),                       # 4 x 5 x 8
                   Split(("small", 2), ("large", 6)), From("large"), ChannelShuffle(3),
                   Conv(6, 12, 3, mode="replicate", groups=2), nn.Tanh(), nn.PixelShuffle(2),  # 8 x 10 x 3
                   DepthwiseConv(3, 6, 3, stride=2, pad=(2, 1, 0, 3), mode="circular"),         # 4 x 6 x 6
                   Concat(nn.Identity(), nn.Sequential(From("small"), Pad((1, 0, 0, 0)))),      # 4 x 6 x 8
                   Crop(3, 4, 1, 2), Slice(1, 7),                                  # 3 x 4 x 7
                   PaddedTransposedConv(7, 3, 3, (2, 3), 1, (1, 2)),               # 6 x 12 x 3
                   nn.PixelUnshuffle(2), Dense(216, 12), nn.Sigmoid(), Reshape(2, 3, 2),  # 2 x 3 x 2
                   Pad((1, 1, 0, 0), "circular"), Pad((1, 2, 1, 1), "reflect"), Conv(2, 3, 3))  # 4 x 8 x 3


def signal():
    return Network((1, 14, 3),
                   Conv1d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), MaxPool1d(3, 2, 1),     # 7
                   Conv1d(4, 8, 5, padding=2, padding_mode="circular", groups=2), nn.Tanh(), AvgPool1d(2, 1),  # 6
                   Conv1d(8, 6, 2, stride=2, dilation=3, bias=False), Dense(12, 3))                            # 2


def normed():
    return Network((5, 4, 2),
                   Conv(2, 6, 3), nn.GroupNorm(3, 6), nn.PReLU(), Conv(6, 4, 3), nn.LayerNorm([4, 5, 4]), nn.PReLU(4),
                   Conv(4, 6, 1), PixelNorm(6, eps=1e-6), nn.LocalResponseNorm(4, 0.5, 0.6, 2.0),
                   Conv(6, 4, 3), nn.InstanceNorm2d(4), Conv(4, 5, 1), nn.InstanceNorm2d(5, affine=True),
                   Conv(5, 6, 1), nn.BatchNorm2d(6, affine=False),
                   Multiply(nn.Identity(), nn.Sequential(Conv(6, 6, 1), nn.Sigmoid())), SqueezeExcite(6, 3, nn.SiLU, nn.Hardsigmoid),
                   Maximum(nn.Identity(), Conv(6, 6, 1), nn.Identity()), Subtract(Conv(6, 5, 3), Conv(6, 5, 1)),
                   Conv(5, 3, 1))


golden = Golden(os.path.join(os.path.dirname(os.path.abspath(__file__)), "every_layer.hpp"), "make_every_layer.py",
                "Small networks that have every layer.")
record(golden, classifier, "classifier", 7, 4, [("adam", lambda m: optim.Adam(m.parameters(), lr=0.01))])
record(golden, segmenter, "segmenter", 5, 2, [("sgd", lambda m: optim.SGD(m.parameters(), lr=0.1, momentum=0.9))])
record(golden, pooled, "pooled", 7, 1)
record(golden, activated, "activated", 3, 2)
record(golden, resized, "resized", 3, 5)
record(golden, rearranged, "rearranged", 2, 3, [("adam", lambda m: optim.Adam(m.parameters(), lr=0.01))])
record(golden, signal, "signal", 3, 5, [("sgd", lambda m: optim.SGD(m.parameters(), lr=0.1, momentum=0.9))])
record(golden, normed, "normed", 3, 1, [("sgd", lambda m: optim.SGD(m.parameters(), lr=0.1, momentum=0.9))])
golden.write()
