# SPDX-License-Identifier: MIT
"""Golden values of the optimizers that train/updater.cpp tests: python3 make_optimizers.py (needs torch) writes
optimizers.hpp. Seven numbers after six updates by given gradients; for Lion, which PyTorch does not have, by the program of its
paper."""
import os
import textwrap

import torch
from torch import optim

COUNT, UPDATES = 7, 6
torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def single(x):
    """Rounded to a float, so that both sides compute with the same numbers."""
    return x.float().double()


start, gradients = single(torch.rand(COUNT) * 2 - 1), single(torch.rand(UPDATES, COUNT) * 2 - 1)


def after(make):
    weights = torch.nn.Parameter(start.clone())
    optimizer = make([weights])
    for gradient in gradients:
        weights.grad = gradient.clone()
        optimizer.step()
    return weights.detach()


def lion(rate, beta1, beta2, decay):
    """Chen et al., arXiv 2302.06675, program 1."""
    weights, momentum = start.clone(), torch.zeros(COUNT)
    for gradient in gradients:
        update = torch.sign(beta1 * momentum + (1 - beta1) * gradient)
        momentum = beta2 * momentum + (1 - beta2) * gradient
        weights = weights - rate * (update + decay * weights)
    return weights


def numbers(values, digits=12, suffix=""):
    return ", ".join(f"{float(v):.{digits}g}{suffix}" for v in values)


results = {
    "nesterov": after(lambda w: optim.SGD(w, 0.05, momentum=0.8, nesterov=True, weight_decay=0.01)),
    "rmsprop": after(lambda w: optim.RMSprop(w, 0.02)),
    "rmsprop_centered": after(lambda w: optim.RMSprop(w, 0.02, alpha=0.9, eps=1e-4, centered=True, weight_decay=0.01)),
    "rmsprop_momentum": after(lambda w: optim.RMSprop(w, 0.02, alpha=0.95, momentum=0.9)),
    "rmsprop_all": after(lambda w: optim.RMSprop(w, 0.02, alpha=0.9, eps=1e-3, momentum=0.5, centered=True, weight_decay=0.1)),
    "adagrad": after(lambda w: optim.Adagrad(w, 0.05)),
    "adagrad_all": after(lambda w: optim.Adagrad(w, 0.05, lr_decay=0.1, initial_accumulator_value=0.3, eps=1e-3, weight_decay=0.1)),
    "lion": lion(0.03, 0.9, 0.99, 0),
    "lion_decay": lion(0.03, 0.5, 0.8, 0.2),
}

if __name__ == "__main__":
    text = f"""// SPDX-License-Identifier: MIT
// Numbers after six updates by each optimizer. Written by make_optimizers.py with PyTorch
// {torch.__version__.split('+')[0]}, in double precision.
#pragma once

namespace strata::golden {{

inline constexpr int optimizer_numbers = {COUNT}, optimizer_updates = {UPDATES};
inline constexpr float optimizer_start[] = {{{numbers(start, 9, "f")}}};
inline constexpr float optimizer_gradients[][{COUNT}] = {{
{{{("}," + chr(10) + "{").join(numbers(g, 9, "f") for g in gradients)}}}}};
"""
    for name, values in results.items():
        text += f"inline constexpr double after_{name}[] = {{{numbers(values)}}};\n"
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.hpp"), "w") as file:
        lines = [textwrap.wrap(line, 118, subsequent_indent="    ") or [""] for line in text.split("\n")]
        file.write("\n".join(line for wrapped in lines for line in wrapped) + "\n}  // namespace strata::golden\n")
