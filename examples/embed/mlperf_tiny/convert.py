#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a trained model of MLPerf Tiny into a weight file of strata: convert.py FOLDER NAME OUT.safetensors

NAME: resnet8 or mobilenet_v1_025, read from FOLDER/NAME.keras.safetensors (Keras's layouts: convolutions HWIO, depthwise HWC1,
dense IO); ds_cnn or autoencoder, read from FOLDER/NAME.tflite, where batch norms are folded (TFLite's layouts: OHWI, 1HWC, OI;
8-bit weights are multiplied by their scale). Needs Python alone.
"""
import array
import json
import os
import re
import struct
import sys


def layers(name):
    """The paths in networks.hpp of the layers of each kind, in the order in which Keras numbers them."""
    if name == "resnet8":
        stages = [f"{i}.0" for i in (3, 4, 5)]
        convs = [[f"{s}.body.0", f"{s}.body.3"] + ([f"{s}.shortcut"] if i else []) for i, s in enumerate(stages)]
        return {"conv2d": ["0"] + sum(convs, []), "dense": ["7"],
                "batch_normalization": ["1"] + [f"{s}.body.{k}" for s in stages for k in (1, 4)]}
    if name == "mobilenet_v1_025":
        blocks = [str(i) for i in range(3, 9)] + [f"9.{i}" for i in range(5)] + ["10", "11"]
        return {"conv2d": ["0"] + [f"{b}.3" for b in blocks], "depthwise_conv2d": [f"{b}.0" for b in blocks], "dense": ["13"],
                "batch_normalization": ["1"] + [f"{b}.{k}" for b in blocks for k in (1, 4)]}
    if name == "ds_cnn":
        blocks = [str(i) for i in range(2, 6)]
        return {"conv2d": ["0"] + [f"{b}.2" for b in blocks], "depthwise_conv2d": [f"{b}.0" for b in blocks], "dense": ["7"]}
    if name == "autoencoder":
        return {"dense": [f"{i}.0" for i in range(9)] + ["9"]}
    sys.exit(f"convert.py: there is no model '{name}'; give resnet8, mobilenet_v1_025, ds_cnn or autoencoder")


INPUT_CHANNELS = {"resnet8": 3, "mobilenet_v1_025": 3, "ds_cnn": 1, "autoencoder": 640}

# The axes of PyTorch's layout (OIHW, C1HW, OI) among those of Keras and of TFLite.
KERAS_AXES = {"conv2d": (3, 2, 0, 1), "depthwise_conv2d": (2, 3, 0, 1), "dense": (1, 0)}
TFLITE_AXES = {"conv2d": (0, 3, 1, 2), "depthwise_conv2d": (3, 0, 1, 2), "dense": (0, 1)}
KERAS_ROLES = {"kernel": "weight", "depthwise_kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias",
               "moving_mean": "running_mean", "moving_variance": "running_var"}
TFLITE_KINDS = {3: "conv2d", 4: "depthwise_conv2d", 9: "dense"}  # the numbers of its operators
FLOAT32, INT8 = 0, 9  # and of its types


class Table:
    """A table of a FlatBuffers file; fields are numbered as in TFLite's schema.fbs."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.index = at - struct.unpack_from("<i", data, at)[0]

    def place(self, field):
        size = struct.unpack_from("<H", self.data, self.index)[0]
        offset = struct.unpack_from("<H", self.data, self.index + 4 + 2 * field)[0] if 4 + 2 * field < size else 0
        return self.at + offset if offset else None

    def number(self, field, kind):
        place = self.place(field)
        return struct.unpack_from("<" + kind, self.data, place)[0] if place else 0

    def vector(self, field, kind):
        place = self.place(field)
        if place is None:
            return []
        place += struct.unpack_from("<I", self.data, place)[0]
        return list(struct.unpack_from(f"<{struct.unpack_from('<I', self.data, place)[0]}{kind}", self.data, place + 4))

    def table(self, field):
        place = self.place(field)
        return place and Table(self.data, place + struct.unpack_from("<I", self.data, place)[0])

    def tables(self, field):
        place = self.place(field)
        if place is None:
            return []
        place += struct.unpack_from("<I", self.data, place)[0]
        places = range(place + 4, place + 4 + 4 * struct.unpack_from("<I", self.data, place)[0], 4)
        return [Table(self.data, p + struct.unpack_from("<I", self.data, p)[0]) for p in places]


def read_tflite(path):
    """The layers with weights, in their order: kind -> [{role: (shape, numbers)}]."""
    data = open(path, "rb").read()
    model = Table(data, struct.unpack_from("<I", data, 0)[0])
    codes = [max(code.number(0, "b"), code.number(3, "i")) for code in model.tables(1)]
    graph, buffers = model.tables(2)[0], model.tables(4)
    tensors, out = graph.tables(0), {}

    def numbers_of(tensor):
        buffer, kind, shape = buffers[tensor.number(2, "I")], tensor.number(1, "b"), tensor.vector(0, "i")
        if kind == FLOAT32:
            return shape, array.array("f", bytes(buffer.vector(0, "B")))
        scales = tensor.table(4).vector(2, "f") if tensor.table(4) else []
        if kind != INT8 or len(scales) != 1:
            sys.exit(f"convert.py: {path} has weights that are neither floats nor bytes with one scale")
        return shape, array.array("f", (scales[0] * n for n in buffer.vector(0, "b")))

    for operator in graph.tables(3):
        kind = TFLITE_KINDS.get(codes[operator.number(0, "I")])
        if kind:
            _, weight, bias = operator.vector(1, "i")
            out.setdefault(kind, []).append({"weight": numbers_of(tensors[weight]), "bias": numbers_of(tensors[bias])})
    return out


def read_keras(path):
    """The same for the layers of a file of Keras's weights, which numbers them by kind: conv2d, conv2d_1, ..."""
    numbered = {}
    for name, tensor in read(path).items():
        kind, number, role = re.fullmatch(r"([a-z0-9_]*?)(?:_(\d+))?/(\w+)", name).groups()
        numbered.setdefault(kind, {}).setdefault(int(number or 0), {})[KERAS_ROLES[role]] = tensor
    return {kind: [of_kind[number] for number in sorted(of_kind)] for kind, of_kind in numbered.items()}


def read(path):
    """The tensors of a safetensors file of floats: name -> (shape, numbers)."""
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    out = {}
    for name, tensor in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            if tensor["dtype"] != "F32":
                sys.exit(f"convert.py: {path}: {name} is not F32")
            begin, end = tensor["data_offsets"]
            out[name] = tensor["shape"], array.array("f", data[8 + size + begin:8 + size + end])
    return out


def write(path, tensors):
    header, at = {}, 0
    for name, (shape, numbers) in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + 4 * len(numbers)]}
        at += 4 * len(numbers)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, numbers in tensors.values():
            out.write(numbers.tobytes())


def transposed(shape, numbers, axes):
    """The numbers with axis axes[i] of the shape as their axis i."""
    strides = [1] * len(shape)
    for i in range(len(shape) - 2, -1, -1):
        strides[i] = strides[i + 1] * shape[i + 1]
    places = [0]
    for axis in axes:
        places = [p + i * strides[axis] for p in places for i in range(shape[axis])]
    return [shape[axis] for axis in axes], array.array("f", (numbers[p] for p in places))


def main():
    if len(sys.argv) != 4 or sys.byteorder != "little":
        sys.exit("usage, on a little-endian machine: convert.py FOLDER NAME OUT.safetensors")
    folder, name, out = sys.argv[1:]
    paths = layers(name)
    keras = os.path.join(folder, name + ".keras.safetensors")
    is_keras = name in ("resnet8", "mobilenet_v1_025")
    found = read_keras(keras) if is_keras else read_tflite(os.path.join(folder, name + ".tflite"))
    channels = INPUT_CHANNELS[name]
    result = {"input.scale": ([channels], array.array("f", [1] * channels)),
              "input.shift": ([channels], array.array("f", [0] * channels))}
    if {kind: len(of_kind) for kind, of_kind in found.items()} != {kind: len(of_kind) for kind, of_kind in paths.items()}:
        sys.exit(f"convert.py: the layers in {folder} are not those of {name}")
    for kind, of_kind in found.items():
        for path, layer in zip(paths[kind], of_kind):
            for role, (shape, numbers) in layer.items():
                if role == "weight" and len(shape) > 1:
                    shape, numbers = transposed(shape, numbers, (KERAS_AXES if is_keras else TFLITE_AXES)[kind])
                result[f"{path}.{role}"] = shape, numbers
    write(out, result)


if __name__ == "__main__":
    main()
