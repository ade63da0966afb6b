#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a network of MLPerf Tiny, or the digits network, as an ONNX file: to_onnx.py NAME WEIGHTS.safetensors OUT.onnx

WEIGHTS: what convert.py wrote, or for digits a trained model. Batch norms and the input's scale are folded into the layer beside
them, as converters to ONNX do; images are NCHW. Prints the scores of the drawn input of microcontroller.cpp, as ONNX's reference
evaluator computes them. Needs the packages numpy and onnx.
"""
import os
import sys

import numpy
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert import read  # noqa: E402

INPUT = {"resnet8": (32, 32, 3), "mobilenet_v1_025": (96, 96, 3), "ds_cnn": (49, 10, 1), "autoencoder": (1, 1, 640),
         "digits": (28, 28, 1)}


class Graph:
    """Appends nodes to `value`, the name of the last result; `shape` is its height and width."""

    def __init__(self, weights, shape):
        self.weights = {name: numpy.array(numbers, numpy.float32).reshape(dims) for name, (dims, numbers) in weights.items()}
        self.nodes, self.constants, self.value, self.shape, self.is_scaled = [], [], "image", shape[:2], False
        if numpy.any(self.weights["input.shift"]):  # which only counts within the map: the padding is zero after it
            shift = self.weights["input.shift"] / self.weights["input.scale"]
            self.append("Add", ["image", self.constant("input.shift", shift[:, None, None])])

    def append(self, kind, inputs, **attributes):
        self.value = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [self.value], **attributes))

    def constant(self, name, numbers):
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(numbers, numpy.float32), name))
        return name

    def scaled(self, weight):
        """The weights, times the input's scale if they are the first."""
        if not self.is_scaled:
            weight = weight * self.weights["input.scale"].reshape(-1, *[1] * (weight.ndim - 2))
        self.is_scaled = True
        return weight

    def relu(self):
        self.append("Relu", [self.value])

    def conv(self, path, norm=None, stride=1, relu=True, depthwise=False, epsilon=1e-3):
        """A convolution that pads as TensorFlow's SAME does: the odd pixel after the map."""
        weight = self.scaled(self.weights[path + ".weight"])
        bias = self.weights.get(path + ".bias", numpy.zeros(len(weight), numpy.float32))
        if norm is not None:
            scale = self.weights[norm + ".weight"] / numpy.sqrt(self.weights[norm + ".running_var"] + numpy.float32(epsilon))
            weight = weight * scale[:, None, None, None]
            bias = self.weights[norm + ".bias"] + scale * (bias - self.weights[norm + ".running_mean"])
        before, after = [], []
        for size, kernel in zip(self.shape, weight.shape[2:]):
            padding = max(0, (-(-size // stride) - 1) * stride + kernel - size)
            before.append(padding // 2), after.append(padding - padding // 2)
        self.shape = [-(-size // stride) for size in self.shape]
        self.append("Conv", [self.value, self.constant(path + ".weight", weight), self.constant(path + ".bias", bias)],
                    kernel_shape=weight.shape[2:], strides=[stride, stride], pads=before + after,
                    group=len(weight) if depthwise else 1)
        if relu:
            self.relu()

    def dense(self, path, relu=False):
        weight = self.scaled(self.weights[path + ".weight"])
        self.append("Gemm", [self.value, self.constant(path + ".weight", weight),
                             self.constant(path + ".bias", self.weights[path + ".bias"])], transB=1)
        if relu:
            self.relu()

    def classify(self, path):
        self.append("Flatten", [self.value])
        self.dense(path)
        self.append("Softmax", [self.value], axis=1)


def resnet8(g):
    g.conv("0", "1")
    for path, stride in (("3.0", 1), ("4.0", 2), ("5.0", 2)):
        shortcut, shape = g.value, g.shape
        g.conv(path + ".body.0", path + ".body.1", stride)
        g.conv(path + ".body.3", path + ".body.4", relu=False)
        body = g.value
        if stride > 1:
            g.value, g.shape = shortcut, shape
            g.conv(path + ".shortcut", stride=stride, relu=False)
            shortcut = g.value
        g.append("Add", [body, shortcut])
        g.relu()
    g.append("GlobalAveragePool", [g.value])
    g.classify("7")


def mobilenet_v1_025(g):
    g.conv("0", "1", 2)
    blocks = [str(i) for i in range(3, 9)] + [f"9.{i}" for i in range(5)] + ["10", "11"]
    for block, stride in zip(blocks, (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)):
        g.conv(block + ".0", block + ".1", stride, depthwise=True)
        g.conv(block + ".3", block + ".4")
    g.append("GlobalAveragePool", [g.value])
    g.classify("13")


def ds_cnn(g):
    g.conv("0", stride=2)
    for block in range(2, 6):
        g.conv(f"{block}.0", depthwise=True)
        g.conv(f"{block}.2")
    g.append("GlobalAveragePool", [g.value])
    g.classify("7")


def autoencoder(g):
    for i in range(9):
        g.dense(f"{i}.0", relu=True)
    g.dense("9")


def digits(g):
    for path, pools in ((0, True), (4, True), (8, False)):
        g.conv(str(path), str(path + 1), epsilon=1e-5)
        if pools:
            g.append("MaxPool", [g.value], kernel_shape=[2, 2], strides=[2, 2])
            g.shape = [size // 2 for size in g.shape]
    g.classify("11")


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in INPUT:
        sys.exit(f"usage: to_onnx.py NAME WEIGHTS.safetensors OUT.onnx; NAME: {', '.join(INPUT)}")
    name, weights, out = sys.argv[1:]
    height, width, channels = INPUT[name]
    g = Graph(read(weights), INPUT[name])
    globals()[name](g)
    shape = [1, channels] if height * width == 1 else [1, channels, height, width]
    outputs = len(numpy_helper.to_array(g.constants[-1]))
    image = helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, shape)
    scores = helper.make_tensor_value_info(g.value, onnx.TensorProto.FLOAT, [1, outputs])
    model = helper.make_model(helper.make_graph(g.nodes, name, [image], [scores], g.constants),
                              opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, out)
    drawn = (numpy.arange(height * width * channels) * 37 % 251).astype(numpy.float32).reshape(height, width, channels)
    result = ReferenceEvaluator(model).run(None, {"image": drawn.transpose(2, 0, 1).reshape(shape)})[0].ravel()
    print("scores", *(int(numpy.floor(abs(x) * 1e6 + 0.5)) * (-1 if x < 0 else 1) for x in result[:12]), "millionths")


if __name__ == "__main__":
    main()
