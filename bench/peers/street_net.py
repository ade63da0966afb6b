# SPDX-License-Identifier: MIT
"""DeepLabv3+ on ResNet-18 for the rivals, as strata's DeepLabv3Plus<Image<720, 960, 3>, 11, TorchvisionLike>, or of another size, is: output
stride 16, rates 6, 12, 18, no image pooling, bilinear upsampling, convolutions without bias but for the scorer. The
modules stand in the order in which strata lowers its layers, so the weights go over as one row of floats."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional

CLASSES = 11


def conv_bn(incoming, outgoing, kernel, stride=1, dilation=1):
    padding = dilation * (kernel - 1) // 2
    return nn.Sequential(nn.Conv2d(incoming, outgoing, kernel, stride, padding, dilation, bias=False), nn.BatchNorm2d(outgoing))


def conv_bn_relu(incoming, outgoing, kernel, **options):
    return nn.Sequential(*conv_bn(incoming, outgoing, kernel, **options), nn.ReLU(inplace=True))


class Block(nn.Module):
    """conv, bn, relu, conv, bn + shortcut, relu."""

    def __init__(self, incoming, outgoing, stride=1, dilations=(1, 1)):
        super().__init__()
        self.first = conv_bn_relu(incoming, outgoing, 3, stride=stride, dilation=dilations[0])
        self.second = conv_bn(outgoing, outgoing, 3, dilation=dilations[1])
        self.shortcut = conv_bn(incoming, outgoing, 1, stride=stride) if incoming != outgoing else nn.Identity()

    def forward(self, x):
        return functional.relu(self.second(self.first(x)) + self.shortcut(x), inplace=True)


class DeepLab(nn.Module):
    """Scores of every pixel, before the softmax."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(*conv_bn_relu(3, 64, 7, stride=2), nn.MaxPool2d(3, 2, 1))
        self.layer1 = nn.Sequential(Block(64, 64), Block(64, 64))
        self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128))
        self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256))
        self.layer4 = nn.Sequential(Block(256, 512, 1, (1, 2)), Block(512, 512, 1, (2, 2)))
        self.aspp = nn.ModuleList([conv_bn_relu(512, 256, 1)] + [conv_bn_relu(512, 256, 3, dilation=d) for d in (6, 12, 18)])
        self.project = conv_bn_relu(1024, 256, 1)
        self.low = conv_bn_relu(64, 48, 1)
        self.refine = nn.Sequential(conv_bn_relu(304, 256, 3), conv_bn_relu(256, 256, 3))
        self.scorer = nn.Conv2d(256, CLASSES, 1)

    def forward(self, x):
        low = self.layer1(self.stem(x))
        y = self.layer4(self.layer3(self.layer2(low)))
        y = self.project(torch.cat([branch(y) for branch in self.aspp], 1))
        y = center(functional.interpolate(y, scale_factor=4, mode="bilinear", align_corners=False), low)
        y = self.scorer(self.refine(torch.cat([self.low(low), y], 1)))
        return center(functional.interpolate(y, scale_factor=4, mode="bilinear", align_corners=False), x)


def center(map, like):
    """The center of a map, as large as another one."""
    top, left = (map.shape[2] - like.shape[2]) // 2, (map.shape[3] - like.shape[3]) // 2
    return map[:, :, top:top + like.shape[2], left:left + like.shape[3]]


def flat(module):
    """(parameters, buffers) as one row of floats each, in strata's order. The buffers begin with the input's scale, shift."""
    parameters = [value.detach().numpy().ravel() for value in module.parameters()]
    buffers = [np.ones(3, np.float32), np.zeros(3, np.float32)]
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            buffers += [layer.running_mean.numpy(), layer.running_var.numpy()]
    return np.concatenate(parameters).astype(np.float32), np.concatenate(buffers).astype(np.float32)


def onnx_bytes(module, height, width):
    """The evaluated module, followed by a softmax."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    nodes, initializers = [], []

    def add(op, inputs, tensors=(), **attributes):
        names = list(inputs)
        for tensor in tensors:
            initializers.append(numpy_helper.from_array(np.ascontiguousarray(tensor), "w%d" % len(initializers)))
            names.append(initializers[-1].name)
        nodes.append(helper.make_node(op, names, ["v%d" % len(nodes)], **attributes))
        return nodes[-1].output[0]

    def numbers(tensor):
        return tensor.detach().numpy()

    def layer(x, module):
        if isinstance(module, nn.Sequential):
            for part in module:
                x = layer(x, part)
            return x
        if isinstance(module, Block):
            y = add("Add", [layer(layer(x, module.first), module.second), layer(x, module.shortcut)])
            return add("Relu", [y])
        if isinstance(module, nn.Conv2d):
            p, bias = module.padding[0], [] if module.bias is None else [numbers(module.bias)]
            return add("Conv", [x], [numbers(module.weight)] + bias, kernel_shape=module.kernel_size, strides=module.stride,
                       dilations=module.dilation, pads=[p, p, p, p])
        if isinstance(module, nn.BatchNorm2d):
            return add("BatchNormalization", [x], map(numbers, (module.weight, module.bias, module.running_mean, module.running_var)),
                       epsilon=module.eps)
        if isinstance(module, nn.ReLU):
            return add("Relu", [x])
        if isinstance(module, nn.MaxPool2d):
            return add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        return x  # Identity

    def shrunk(times):
        """Rows and columns of the map after so many strides of 2."""
        size = [height, width]
        for _ in range(times):
            size = [(n + 1) // 2 for n in size]
        return size

    def enlarge(x, size, wanted):
        y = add("Resize", [x, ""], [np.array([1, 1, 4, 4], np.float32)], mode="linear", coordinate_transformation_mode="half_pixel")
        if [4 * n for n in size] == wanted:
            return y
        first = [(4 * n - w) // 2 for n, w in zip(size, wanted)]
        return add("Slice", [y], [np.array(first), np.array([f + w for f, w in zip(first, wanted)]), np.array([2, 3])])

    low = layer(layer("images", module.stem), module.layer1)
    y = layer(layer(layer(low, module.layer2), module.layer3), module.layer4)
    y = layer(add("Concat", [layer(y, branch) for branch in module.aspp], axis=1), module.project)
    y = add("Concat", [layer(low, module.low), enlarge(y, shrunk(4), shrunk(2))], axis=1)
    y = add("Softmax", [enlarge(layer(layer(y, module.refine), module.scorer), shrunk(2), [height, width])], axis=1)
    graph = helper.make_graph(nodes, "street_scenes", [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, height, width])],
                              [helper.make_tensor_value_info(y, TensorProto.FLOAT, [1, CLASSES, height, width])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()
