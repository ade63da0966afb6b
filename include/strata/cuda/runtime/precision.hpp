// SPDX-License-Identifier: MIT
// The number formats in which a network is stored and multiplied on the device: a policy of the back end.
#pragma once

namespace strata::cuda {

/// The element type of a tensor on the device. Sums, statistics, parameters and their gradients are always fp32;
/// activations, and the copies of the weights that they are multiplied by, have the element type of the precision.
enum class Element : unsigned char { fp32, fp16, bf16 };

constexpr long bytes_of(Element e) { return e == Element::fp32 ? 4 : 2; }
constexpr const char* name(Element e) { return e == Element::fp32 ? "fp32" : e == Element::fp16 ? "fp16" : "bf16"; }

/// The element type of the numbers by which a graph scales its input: cuDNN multiplies halves only by halves there.
constexpr Element prologue_element(Element e) { return e == Element::fp16 ? Element::fp16 : Element::fp32; }

/// How fp32 tensors are multiplied; sums are fp32. TF32 rounds the factors to 10 mantissa bits.
enum class Compute : unsigned char { fp32, tf32 };

struct Precision {
  Element element = Element::fp32;
  Compute compute = Compute::tf32;
  bool scales_loss = false;  ///< gradients are computed times a factor that keeps them in range: fp16
  constexpr bool operator==(const Precision&) const = default;
};

constexpr const char* name(const Precision& p) {
  return p.element == Element::fp32 ? (p.compute == Compute::tf32 ? "tf32" : "fp32") : name(p.element);
}

}  // namespace strata::cuda
