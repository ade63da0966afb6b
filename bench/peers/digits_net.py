# SPDX-License-Identifier: MIT
"""The digits network for the rivals: as a PyTorch module, as an ONNX graph of its weights, and its weights as files."""
import json
import struct

import numpy as np

CHANNELS = (8, 16, 32)


def torch_module():
    from torch import nn
    layers, incoming = [], 1
    for stage, outgoing in enumerate(CHANNELS):
        layers += [nn.Conv2d(incoming, outgoing, 3, padding=1), nn.BatchNorm2d(outgoing), nn.ReLU()]
        if stage < 2:
            layers.append(nn.MaxPool2d(2))
        incoming = outgoing
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(7 * 7 * CHANNELS[2], 10))


def onnx_bytes(module):
    """The module, followed by a softmax, written node by node so that no exporter is needed."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    weights = {name: value.detach().numpy() for name, value in module.state_dict().items()}
    nodes, initializers = [], []

    def tensor(name):
        initializers.append(numpy_helper.from_array(np.ascontiguousarray(weights[name]), name))
        return name

    value = "images"

    def node(op, *names, **attributes):
        nonlocal value
        out = "v%d" % len(nodes)
        nodes.append(helper.make_node(op, [value, *names], [out], **attributes))
        value = out

    for i, layer in enumerate(module):
        kind = type(layer).__name__
        if kind == "Conv2d":
            node("Conv", tensor("%d.weight" % i), tensor("%d.bias" % i), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        elif kind == "BatchNorm2d":
            node("BatchNormalization", *(tensor("%d.%s" % (i, p)) for p in
                                         ("weight", "bias", "running_mean", "running_var")), epsilon=layer.eps)
        elif kind == "ReLU":
            node("Relu")
        elif kind == "MaxPool2d":
            node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        elif kind == "Flatten":
            node("Flatten")
        else:
            node("Gemm", tensor("%d.weight" % i), tensor("%d.bias" % i), transB=1)
    node("Softmax", axis=1)
    shape = ["batch", 1, 28, 28]
    graph = helper.make_graph(nodes, "digits", [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["batch", 10])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def safetensors_bytes(module):
    """Eight bytes of header length, the header in JSON, the floats: the format is that small. The last layer is numbered
    as in strata, where Dense flattens and nothing stands in between."""
    header, chunks, offset = {}, [], 0
    for name, value in module.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        chunk = value.detach().numpy().astype(np.float32).tobytes()
        header[name.replace("12.", "11.")] = dict(dtype="F32", shape=list(value.shape), data_offsets=[offset, offset + len(chunk)])
        chunks.append(chunk)
        offset += len(chunk)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(chunks)


def folded_floats(module):
    """Weights and biases of each layer in turn, every batch norm folded into the convolution before it."""
    layers, floats = list(module), []
    for i, layer in enumerate(layers):
        if type(layer).__name__ not in ("Conv2d", "Linear"):
            continue
        weight, bias = (p.detach().numpy() for p in (layer.weight, layer.bias))
        if type(layer).__name__ == "Conv2d":
            norm = layers[i + 1]
            scale, shift, mean, variance = (p.detach().numpy() for p in (norm.weight, norm.bias, norm.running_mean, norm.running_var))
            factor = scale / np.sqrt(variance + norm.eps)
            weight, bias = weight * factor[:, None, None, None], shift + factor * (bias - mean)
        floats += [weight.ravel(), bias.ravel()]
    return np.concatenate(floats).astype(np.float32)
