// SPDX-License-Identifier: MIT
// The oracle itself: its gradients against central differences of its own loss, in double, for every layer. A derivative
// that is off by more than a few parts in ten million fails.
#include <strata/reference/tape.hpp>

#include <strata/reference/random_data.hpp>

#include <doctest/doctest.h>

#include <string>

#include "../support/layer_cases.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

struct Differences {
  double worst = 0, scale = 0;
  void add(double given, double expected) {
    worst = std::fmax(worst, std::fabs(given - expected));
    scale = std::fmax(scale, std::fabs(expected));
  }
};

/// Parameters and pixels against (loss(+h) - loss(-h)) / 2h, at up to 25 places of each tensor.
void check_gradients_of(const char* name, const reference::Declaration& net, const graph::Tensor* tensors, int tensor_count,
                        const reference::RandomData& data) {
  INFO(std::string(name));
  constexpr double step = 1e-6;
  reference::Doubles parameters(data.parameters.begin(), data.parameters.end()), gradients(parameters.size());
  const reference::Doubles buffers(data.buffers.begin(), data.buffers.end());
  const StepOptions options{.loss_scale = 1, .seed = 5};
  reference::Tape tape(net, data.count);
  const auto loss_at_parameters = [&](double* gradients_or_null) {
    reference::Doubles moving = buffers;
    return reference::step(tape, parameters.data(), moving.data(), data.image_view(), data.label_view(), gradients_or_null, options).loss;
  };
  loss_at_parameters(gradients.data());
  for (int t = 0; t < tensor_count; t++) {
    const graph::Tensor& tensor = tensors[t];
    Differences differences;
    for (int k = 0, stride = 1 + tensor.size / 25; k < tensor.size; k += stride) {
      double& parameter = parameters[std::size_t(tensor.offset + k)];
      const double before = parameter;
      parameter = before + step;
      const double above = loss_at_parameters(nullptr);
      parameter = before - step;
      const double below = loss_at_parameters(nullptr);
      parameter = before;
      differences.add(gradients[std::size_t(tensor.offset + k)], (above - below) / (2 * step));
    }
    CAPTURE(t);
    CHECK(differences.worst <= 1e-7 + 3e-7 * differences.scale);
  }
}

template <class Net>
void check_case() {
  constexpr auto& net = lowered<Net>;
  check_gradients_of(spelling_of<Net>(), reference::declaration<Net>, net.parameters, net.parameter_count, reference::smooth_data<Net>(3, 1e-4));
}

constexpr auto check = []<class Net>() { check_case<Net>(); };

}  // namespace

TEST_CASE("convolutions") { for_each_case(ConvolutionCases{}, check); }
TEST_CASE("channels beside a vector's width") { for_each_case(ChannelCases{}, check); }
TEST_CASE("transposed, depthwise, dense") { for_each_case(OtherLinearCases{}, check); }
TEST_CASE("batch norm") { for_each_case(NormCases{}, check); }
TEST_CASE("activations, dropout, softmax") { for_each_case(ActivationCases{}, check); }
TEST_CASE("pools") { for_each_case(PoolCases{}, check); }
TEST_CASE("joins and taps") { for_each_case(JoinCases{}, check); }
TEST_CASE("resize and crop") { for_each_case(ResizeCases{}, check); }
