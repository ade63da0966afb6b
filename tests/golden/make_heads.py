# SPDX-License-Identifier: MIT
"""Golden values of a network with two sources and three heads, one of them only in training, each with a loss of its own:
python3 make_heads.py (needs torch and numpy) writes heads.hpp. The declaration is in check_heads.hpp."""
import math
import os

import torch
from torch import nn, optim
from torch.nn import functional as F

from strata_layers import Conv, Dense, Flatten, GlobalAvgPool, Golden, Random, draw_parameters

COUNT, SEED, CLASSES, VALUES = 8, 5, 3, 4
WEIGHTS = torch.tensor([0.5, 1.5, 1.0], dtype=torch.float64)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(Conv(2, 4, 3), nn.GroupNorm(2, 4), nn.SiLU())
        self.deep = nn.Sequential(Conv(4, 6, 3, stride=2), nn.Tanh(), GlobalAvgPool())
        self.tone = nn.Sequential(Flatten(), Dense(4, 5))
        self.joined = nn.Sequential(Dense(11, 8), nn.Tanh())
        self.classes, self.values = Dense(8, CLASSES), nn.Sequential(Dense(8, 6), nn.SiLU(), Dense(6, VALUES))
        self.aux = nn.Sequential(Conv(4, CLASSES, 1), GlobalAvgPool())
        self.scales = self.shifts = None
        self.double()

    def forward(self, picture, tone):
        picture, tone = [x * scale + shift for x, scale, shift in zip((picture, tone), self.scales, self.shifts)]
        early = self.trunk(picture)
        y = self.joined(torch.cat([self.deep(early), self.tone(tone)], 1))
        return [head.flatten(1) for head in (self.classes(y), self.values(y), self.aux(early))]


def draw_data(model):
    """include/strata/reference/random_data.hpp, for these sources and heads; the values are to be those of the tone."""
    random = Random(SEED)
    draw_parameters(random, model)
    drawn = [(random.between(0.5, 1.5, (1, c, 1, 1)), random.between(-0.5, 0.5, (1, c, 1, 1))) for c in (2, 1)]
    model.scales, model.shifts = zip(*drawn)
    picture = random.between(-1, 1, (COUNT, 4, 5, 2)).permute(0, 3, 1, 2)

    def labels(classes):
        return torch.tensor([-1 if i > 0 and random.below(8) == 0 else random.below(classes) for i in range(COUNT)])

    first = labels(CLASSES)
    tone = random.between(-1, 1, (COUNT, 1, 4, 1)).permute(0, 3, 1, 2)
    labels(VALUES)  # drawn, and not used
    return (picture, tone), (first, tone.flatten(1), labels(CLASSES))


def losses_of(outputs, targets):
    return [F.cross_entropy(outputs[0], targets[0], WEIGHTS, ignore_index=-1), F.mse_loss(outputs[1], targets[1]),
            F.cross_entropy(outputs[2], targets[2], ignore_index=-1, label_smoothing=0.1)]


def total(losses):
    return losses[0] + 0.5 * losses[1] + 0.3 * losses[2]


golden = Golden(os.path.join(os.path.dirname(os.path.abspath(__file__)), "heads.hpp"), "make_heads.py",
                "Two sources and three heads.")
model = Policy()
sources, targets = draw_data(model)
outputs = model(*sources)
assert all((t < 0).any() for t in (targets[0], targets[2])), "draw other labels: none is ignored"
golden.tensors("heads_scores", [("class", outputs[0].softmax(1)), ("values", outputs[1])])
losses = losses_of(outputs, targets)
for name, loss in zip(("class", "values", "aux"), losses):
    golden.number(f"heads_loss_of_{name}", loss)
golden.number("heads_loss", total(losses))
total(losses).backward()
golden.tensors("heads_gradients", [(n, p.grad) for n, p in model.named_parameters()])
steps = optim.SGD(model.parameters(), lr=0.5)
steps.step()
golden.tensors("heads_after", list(model.named_parameters()))
golden.write()
