# SPDX-License-Identifier: MIT
"""Trains a network in PyTorch and writes its weights. 7_train.py [WEIGHTS.safetensors]

Needs the Python packages torch and safetensors.
"""
import sys

import torch
from safetensors.torch import save_file
from torch import nn


class Bars(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
                                      nn.MaxPool2d(2))
        self.classifier = nn.Linear(8 * 8 * 8, 3)

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


def draw(label, place):
    """A bar, 200 on 20: 0 horizontal, 1 vertical, 2 diagonal."""
    image = torch.full((16, 16), 20.)
    for i in range(16):
        row, column = [(place, i), (i, place), (i, (i + place) % 16)][label]
        image[row, column] = 200
    return image


def scaled(raw):
    return (raw - 30) / 50


torch.manual_seed(1)
net, labels = Bars(), torch.arange(3).repeat(16)
images = torch.stack([draw(int(label), i // 3) for i, label in enumerate(labels)])[:, None]
optimizer = torch.optim.Adam(net.parameters(), 0.01)
for step in range(60):
    noisy = images + 40 * torch.rand(images.shape)
    loss = nn.functional.cross_entropy(net(scaled(noisy)), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

net.eval()
with torch.no_grad():
    for label in range(3):
        scores = net(scaled(draw(label, 5 + label))[None, None]).softmax(1)[0]
        print(f"drawing {label}: " + " ".join(f"{score:.4f}" for score in scores))
save_file(net.state_dict(), sys.argv[1] if len(sys.argv) > 1 else "bars.safetensors")
