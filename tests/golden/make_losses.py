# SPDX-License-Identifier: MIT
"""Golden values of the losses: python3 make_losses.py (needs torch) writes losses.hpp. A 1x1 convolution of three images of
2 x 3 pixels, by a loss of PyTorch, or where it has none by the loss's formula with PyTorch's gradients: the loss, and the
parameters after one update of rate 0.5 by its gradients."""
import os

import torch
from torch.nn import functional as F

IMAGES, HEIGHT, WIDTH, INPUTS, CLASSES, RATE = 3, 2, 3, 2, 3, 0.5
NAN = float("nan")
torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def single(x):
    """Rounded to a float, so that both sides compute with the same numbers."""
    return x.float().double()


images = single(torch.rand(IMAGES, INPUTS, HEIGHT, WIDTH) * 2 - 1)
weight, bias = single(torch.rand(CLASSES, INPUTS, 1, 1) * 2 - 1), single(torch.rand(CLASSES) - 0.5)
shape = (IMAGES, CLASSES, HEIGHT, WIDTH)
labels = torch.randint(0, CLASSES, (IMAGES, HEIGHT, WIDTH))
labels[0, 1, 2] = labels[2, 0, 0] = -1
many_labels = torch.randint(0, CLASSES, (IMAGES, 2 * HEIGHT, 2 * WIDTH))
many_labels[1, 1:3] = -1
shares = single(torch.rand(shape).softmax(1))
values = single(torch.rand(shape) * 4 - 2)
answers = (torch.rand(shape) < 0.4).double()
answers[0, 0, 0, 0] = 0.25
weights = torch.tensor([0.5, 1.5, 1.0])
positive = torch.tensor([2.0, 0.5, 1.25])
missing = values.clone()
missing[0, 1, 0, 1] = missing[1, 2, 1, 1] = missing[2, 0, 1, 0] = NAN


def of_labels(loss, given=labels):
    return lambda x: loss(x, given)


def cross_entropy(**options):
    return of_labels(lambda x, t: F.cross_entropy(x, t, ignore_index=-1, **options))


def onehot(t):
    return F.one_hot(t.clamp(min=0), CLASSES).movedim(-1, 1).double() * (t >= 0).unsqueeze(1)


def per_label(x, t):
    """MATLAB's: divided by the number of labels, not by their weights."""
    return F.cross_entropy(x, t, weights, ignore_index=-1, reduction="sum") / (t >= 0).sum()


def focal(x, t, focusing=2.0):
    log_p = x.log_softmax(1)
    each = -(onehot(t) * weights.view(1, -1, 1, 1) * (1 - log_p.exp()) ** focusing * log_p).sum()
    return each / (t >= 0).sum()


def binary_focal(x, balance=0.25, focusing=2.0):
    """torchvision's sigmoid_focal_loss."""
    p, each = x.sigmoid(), F.binary_cross_entropy_with_logits(x, answers, reduction="none")
    p_t, a_t = p * answers + (1 - p) * (1 - answers), balance * answers + (1 - balance) * (1 - answers)
    return (a_t * each * (1 - p_t) ** focusing).mean()


def dice(p, t, counted, smooth, class_weights):
    sums = (2 * (p * t * counted).sum((2, 3)) + smooth) / ((p * counted).sum((2, 3)) + (t * counted).sum((2, 3)) + smooth)
    of_image = ((1 - sums) * class_weights).sum(1) / class_weights.sum()
    pixels = counted.sum((1, 2, 3))
    return (of_image * pixels).sum() / pixels.sum()


def class_dice(x, t, smooth=1.0, share=0.0, class_weights=torch.ones(CLASSES)):
    loss = dice(x.softmax(1), onehot(t), (t >= 0).double().unsqueeze(1), smooth, class_weights)
    return loss + share * F.cross_entropy(x, t, ignore_index=-1)


def binary_dice(x, share):
    loss = dice(x.sigmoid(), answers, torch.ones(IMAGES, 1, HEIGHT, WIDTH), 0.5, torch.ones(CLASSES))
    return loss + share * F.binary_cross_entropy_with_logits(x, answers)


def where_given(loss):
    given = ~missing.isnan()
    return lambda x: loss(x[given], missing[given])


def log_cosh(x):
    return (x - values).cosh().log().mean()


CASES = [
    # after a softmax
    ("classes", "cross_entropy", cross_entropy()),
    ("classes", "cross_entropy_weighted", cross_entropy(weight=weights)),
    ("classes", "cross_entropy_per_label", of_labels(per_label)),
    ("classes", "cross_entropy_smoothed", cross_entropy(weight=weights, label_smoothing=0.1)),
    ("classes", "cross_entropy_sum", cross_entropy(reduction="sum", label_smoothing=0.25)),
    ("classes", "focal", of_labels(focal)),
    ("classes", "focal_less", of_labels(lambda x, t: focal(x, t, 0.5))),
    ("classes", "dice", of_labels(class_dice)),
    ("classes", "dice_and_cross_entropy", of_labels(lambda x, t: class_dice(x, t, 0.5, 0.75))),
    ("classes", "dice_weighted", of_labels(lambda x, t: class_dice(x, t, class_weights=weights))),
    ("enlarged", "enlarged_smoothed", of_labels(lambda x, t: F.cross_entropy(x, t, ignore_index=-1, label_smoothing=0.1), many_labels)),
    ("enlarged", "enlarged_focal", of_labels(focal, many_labels)),
    ("enlarged", "enlarged_dice", of_labels(lambda x, t: class_dice(x, t, 1.0, 0.5), many_labels)),
    ("shares", "soft_cross_entropy", lambda x: F.cross_entropy(x, shares)),
    ("shares", "soft_cross_entropy_smoothed", lambda x: F.cross_entropy(x, shares, weights, label_smoothing=0.1)),
    ("shares", "kullback_leibler", lambda x: F.kl_div(x.log_softmax(1), shares, reduction="batchmean")),
    # of the output
    ("values", "squared", lambda x: F.mse_loss(x, values)),
    ("values", "squared_sum", lambda x: F.mse_loss(x, values, reduction="sum")),
    ("values", "absolute", lambda x: F.l1_loss(x, values)),
    ("values", "huber", lambda x: F.huber_loss(x, values, delta=0.75)),
    ("values", "log_cosh", log_cosh),
    ("missing", "squared_missing", where_given(F.mse_loss)),
    ("missing", "huber_missing", where_given(F.huber_loss)),
    ("shares", "divergence", lambda x: F.kl_div(x, shares)),
    ("shares", "divergence_per_image", lambda x: F.kl_div(x, shares, reduction="batchmean")),
    ("labels", "logits_cross_entropy", cross_entropy()),
    ("answers", "binary", lambda x: F.binary_cross_entropy_with_logits(x, answers)),
    ("answers", "binary_positive",
     lambda x: F.binary_cross_entropy_with_logits(x, answers, weights.view(1, -1, 1, 1), pos_weight=positive.view(1, -1, 1, 1))),
    ("answers", "binary_of_sigmoid", lambda x: F.binary_cross_entropy(x.sigmoid(), answers)),
    ("answers", "binary_focal", binary_focal),
    ("answers", "binary_dice", lambda x: binary_dice(x, 0.0)),
    ("answers", "binary_dice_and_cross_entropy", lambda x: binary_dice(x, 0.5)),
]


def numbers(name, tensor, kind="float"):
    flat = (tensor if tensor.dim() < 4 else tensor.movedim(1, -1)).flatten().tolist()
    words = [str(int(v)) if kind != "float" else "NAN" if v != v else f"{v:.9g}" for v in flat]
    words = [w if kind != "float" or w == "NAN" else (w if "." in w or "e" in w else w + ".0") + "f" for w in words]
    return wrap(f"inline const std::vector<{kind}> {name} = {{{', '.join(words)}}};")


def wrap(text):
    lines = []
    while len(text) > 118:
        cut = text.rfind(", ", 0, 117) + 1
        lines.append(text[:cut])
        text = "    " + text[cut:].lstrip()
    return lines + [text]


lines = ["// SPDX-License-Identifier: MIT",
         f"// Losses and one update by each. Written by make_losses.py with PyTorch {torch.__version__.split('+')[0]}, in double",
         "// precision.", "#pragma once", "", "#include <cmath>", "#include <cstdint>", "#include <vector>", "",
         "namespace strata::golden {", "", "/// The loss, and weights and bias after an update.",
         "struct Update {", "  double loss;", "  std::vector<double> parameters;", "};", ""]
for name, tensor, kind in [("images", images, "float"), ("parameters", torch.cat([weight.flatten(), bias]), "float"),
                           ("labels", labels, "std::int32_t"), ("many_labels", many_labels, "std::int32_t"),
                           ("shares", shares, "float"), ("values", values, "float"), ("missing", missing, "float"),
                           ("answers", answers, "float")]:
    lines += numbers(name, tensor, kind) + [""]
for head, name, loss in CASES:
    w, b = weight.clone().requires_grad_(), bias.clone().requires_grad_()
    scores = F.conv2d(images, w, b)
    if head == "enlarged":
        scores = F.interpolate(scores, scale_factor=2, mode="bilinear", align_corners=False)
    result = loss(scores)
    result.backward()
    after = torch.cat([(w - RATE * w.grad).flatten(), b - RATE * b.grad]).tolist()
    lines += wrap(f"inline const Update {name}{{{float(result.detach()):.12g}, {{{', '.join(f'{v:.12g}' for v in after)}}}}};")
lines += ["", "}  // namespace strata::golden", ""]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "losses.hpp"), "w") as file:
    file.write("\n".join(lines))
