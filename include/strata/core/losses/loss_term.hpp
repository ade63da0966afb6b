// SPDX-License-Identifier: MIT
// What a loss node computes, as values: a training program is one per network, and the loss is given to each step. A
// function works on pixels of one image, so that every back end calls the same one, on its own layout.
#pragma once

#include <bit>
#include <cstdint>

namespace strata::core {

struct LossTerm;
struct StepResult;

/// Whether there is no target: NaN.
constexpr bool is_missing(float target) {
  return (std::bit_cast<std::uint32_t>(target) & 0x7FFFFFFFu) > 0x7F800000u;  // -ffast-math has no NaN
}

/// Pixels of one image: their scores, and what these should be. T: float or double.
template <class T>
struct LossRun {
  const T* scores = nullptr;             ///< [count][stride]
  T* gradient = nullptr;                 ///< [count][stride]; channels are written, what lies beyond them is not
  const std::int32_t* labels = nullptr;  ///< [count]: the class of each pixel, or a number that means none; or null
  const float* targets = nullptr;        ///< [count][channels], where labels is null; NaN: none
  long count = 0;                        ///< of pixels
  long stride = 0;                       ///< floats from one pixel to the next
  int channels = 0;                      ///< of the network's output
  T scale = 1;                           ///< factor of the gradient
  const double* of_image = nullptr;      ///< what LossFunction::gather summed; null where that is null
};

/// Writes the gradient of the sum over the pixels, times LossRun::scale, and adds to the sums.
template <class T>
using LossKernel = void (*)(const LossTerm&, const LossRun<T>&, StepResult& sums);
/// Adds to what is summed over an image before its gradients are known.
template <class T>
using LossGather = void (*)(const LossTerm&, const LossRun<T>&, double* of_image);

/// The targets that a loss takes.
enum class Targets : unsigned char {
  classes,        ///< labels, or a probability of each class
  probabilities,  ///< floats from 0 to 1
  values          ///< any floats
};

/// The losses that a GPU computes; none: it does not.
enum class OnDevice : unsigned char {
  none,
  classes,        ///< cross-entropy, with smoothing
  focal_classes,  ///< focal, of classes
  kullback_leibler,
  dice,
  binary_dice,
  squared,
  absolute,
  huber,
  logistic,
  probability,
  focal,
  divergence
};

/// How a loss is computed. Constants with static storage: class_losses.hpp, value_losses.hpp, dice_loss.hpp.
struct LossFunction {
  const char* name = "";  ///< as users write it; checkpoints store it
  Targets targets = Targets::values;
  bool by_value = true;  ///< each value has its own loss, and counts; else each pixel
  bool decides = false;  ///< of values: a score above the threshold means yes, so that there is an accuracy
  double threshold = 0;  ///< of a decision
  LossKernel<float> floats = nullptr;
  LossKernel<double> doubles = nullptr;
  LossGather<float> gather = nullptr;  ///< null: the pixels of an image are independent
  LossGather<double> gather_doubles = nullptr;
  OnDevice on_device = OnDevice::none;
};

/// What a network ends in, as far as losses care.
enum class HeadKind : unsigned char {
  softmax,  ///< in training the loss reads what is before it
  sigmoid,  ///< the loss reads probabilities
  other     ///< the loss reads the output
};

/// A number of a loss, and its range.
struct LossNumber {
  const char* name = nullptr;  ///< as users write it; null: the loss has none
  double least = 0, most = 0;
  double also = 0;  ///< one that is allowed outside the range
};

/// The functions of a loss, by what a network ends in; null: the loss does not fit.
struct LossFamily {
  const char* name = "";
  const LossFunction *of_softmax = nullptr, *of_sigmoid = nullptr, *of_output = nullptr;
  LossNumber numbers[2]{};  ///< LossTerm::numbers
  constexpr const LossFunction* of(HeadKind head) const {
    return head == HeadKind::softmax ? of_softmax : head == HeadKind::sigmoid ? of_sigmoid : of_output;
  }
};

/// A loss with its numbers.
struct LossTerm {
  const LossFunction* function = nullptr;   ///< null: softmax cross-entropy, of labels
  const float* weights = nullptr;           ///< of the classes or channels; null: all 1
  const float* positive_weights = nullptr;  ///< of the channels where the target is 1; null: all 1
  double numbers[2] = {0, 0};               ///< what the function says
  double factor = 1;                        ///< of the gradients, among those of several heads
  /// What the gradients are divided by.
  enum class Divisor : unsigned char {
    step,                     ///< as StepOptions says
    counted,                  ///< the number of what is counted
    weight,                   ///< its weight
    none                      ///< 1
  } divisor = Divisor::step;  ///< of the heads of a network with several, each may have its own
};

/// The doubles that a loss with LossFunction::gather sums over an image: three for each channel, and the pixels.
constexpr int sums_of_image(int channels) { return 3 * channels + 1; }

}  // namespace strata::core
