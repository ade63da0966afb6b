// SPDX-License-Identifier: MIT
// One node by the device's kernels, run on the CPU, against the reference in double. Inputs are rounded to the element
// type under test, so that the reference reads the same numbers; outputs and workspace start as NaN, and a fence after
// the workspace must stay unchanged.
#pragma once

#include <strata/core/random.hpp>
#include <strata/cuda/kernels/own_kernels.hpp>
#include <strata/cuda/kernels/parameter_kernels.hpp>
#include <strata/cuda/runtime/element.hpp>
#include <strata/graph/op_traits.hpp>
#include <strata/reference/elementwise.hpp>
#include <strata/reference/map.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "kernels.hpp"

namespace strata::testing {

using cuda::Call;
using cuda::Element;
using graph::Node;
using graph::Op;
using reference::Doubles;
using reference::Map;

inline constexpr Element elements[] = {Element::fp32, Element::fp16, Element::bf16};
inline constexpr int batches[] = {1, 3, 17};

/// Half a unit in the last place of a number near 1, plus some roundings of fp32 arithmetic.
inline double bound_of(Element e) {
  return e == Element::fp32 ? 2e-5 : e == Element::fp16 ? 0x1p-11 + 2e-5 : 0x1p-8 + 2e-5;
}

inline const reference::Functor* reference_functors() { return reference::FunctorTable<Functors>::table; }

/// The maps of a batch, in the reference's order.
struct Maps {
  Shape shape;
  int batch = 0;
  Doubles values;

  Maps() = default;
  Maps(Shape s, int n, double value = 0) : shape(s), batch(n), values(std::size_t(n * s.size()), value) {}
  Map of(int n) { return {values.data() + n * shape.size(), shape}; }
};

/// Memory aligned to 16 bytes, filled with 0xff.
class Bytes {
 public:
  explicit Bytes(long count) : words_(std::size_t(count + 15) / 16 + 1) {
    std::memset(words_.data(), 0xff, words_.size() * sizeof(Word));
  }
  void* data() { return words_.data(); }

 private:
  struct alignas(16) Word {
    unsigned char bytes[16];
  };
  std::vector<Word> words_;
};

inline double rounded_to(Element e, double x) {
  double result = 0;
  cuda::with_element(e, [&](auto value) {
    cuda::assign(value, float(x));
    result = double(cuda::to_float(value));
  });
  return result;
}

inline Maps draw(core::Random& random, Shape shape, int batch, Element e, double low = -1, double high = 1) {
  Maps maps(shape, batch);
  for (double& x : maps.values) x = rounded_to(e, low + (high - low) * double(random.uniform()));
  return maps;
}

/// Calls visit(index in the device's order, index in the reference's order) for each element.
template <class Visit>
void for_each_element(const Maps& maps, Visit visit) {
  long at = 0;
  for (int n = 0; n < maps.batch; n++)
    for (int p = 0; p < maps.shape.pixels(); p++)
      for (int c = 0; c < maps.shape.channels; c++)
        visit(at++, n * maps.shape.size() + long(c) * maps.shape.pixels() + p);
}

inline Bytes upload(const Maps& maps, Element e) {
  Bytes bytes(long(maps.values.size()) * cuda::bytes_of(e));
  cuda::with_element(e, [&](auto zero) {
    auto* to = static_cast<decltype(zero)*>(bytes.data());
    for_each_element(maps,
                     [&](long device, long own) { cuda::assign(to[device], float(maps.values[std::size_t(own)])); });
  });
  return bytes;
}

inline Maps download(void* memory, Shape shape, int batch, Element e) {
  Maps maps(shape, batch);
  cuda::with_element(e, [&](auto zero) {
    const auto* from = static_cast<decltype(zero)*>(memory);
    for_each_element(
        maps, [&](long device, long own) { maps.values[std::size_t(own)] = double(cuda::to_float(from[device])); });
  });
  return maps;
}

/// A workspace of exactly this size, followed by a fence.
class Workspace {
 public:
  explicit Workspace(long bytes) : size_(bytes), memory_(bytes + 64) {}
  void* data() { return size_ > 0 ? memory_.data() : nullptr; }
  bool is_intact() {
    const auto* fence = static_cast<unsigned char*>(memory_.data()) + size_;
    for (int i = 0; i < 64; i++)
      if (fence[i] != 0xff) return false;
    return true;
  }

 private:
  long size_;
  Bytes memory_;
};

/// The inputs of a node that reads values 0, 1, ... by these names.
inline graph::Inputs reads(std::initializer_list<graph::Input> names) {
  graph::Inputs inputs;
  for (const graph::Input name : names) inputs.add(name, inputs.count);
  return inputs;
}

/// Everything that a call reads and writes except maps.
struct CallContext {
  std::vector<float> parameters, buffers, gradients, class_weights;
  std::vector<std::int32_t> labels;
  std::vector<std::uint8_t> byte_labels;  ///< instead of labels, unless empty
  std::vector<float> targets;             ///< instead of labels, unless empty
  cuda::DeviceLoss loss{};
  std::vector<std::vector<float>> batch_values;  ///< inputs that are values of the whole batch, after the maps
  cuda::StepNumbers numbers{};
  cuda::LossSums sums{};
  const unsigned char* kept = nullptr;
  cuda::BatchSharing* sharing = nullptr;
};

struct Outcome {
  Maps y;
  std::vector<float> batch_value;
};

/// Runs the node; `overwrites`: the input whose memory is also the output, or -1.
inline Outcome run_node(const Node& node, Element e, int batch, const std::vector<Maps>& inputs, CallContext& context,
                        int overwrites = -1) {
  std::vector<Bytes> memory;
  for (const Maps& maps : inputs) memory.push_back(upload(maps, e));
  Call call;
  call.node = &node, call.element = e, call.batch = batch;
  REQUIRE(std::size_t(node.inputs.count) == inputs.size() + context.batch_values.size());
  int k = 0;
  for (; k < int(inputs.size()); k++) {
    call.inputs.add(node.inputs.names[k], memory[std::size_t(k)].data());
    call.shapes[k] = inputs[std::size_t(k)].shape;
  }
  for (const auto& values : context.batch_values) call.inputs.add(node.inputs.names[k++], values.data());
  const bool of_batch = graph::extent(node.op) == graph::Extent::batch;
  Bytes output(of_batch ? node.out.channels * 4L : batch * node.out.size() * cuda::bytes_of(e));
  call.output = overwrites < 0 ? output.data() : memory[std::size_t(overwrites)].data();
  Workspace workspace(cuda::workspace_bytes(node, e, batch));
  call.workspace = workspace.data();
  call.parameters = context.parameters.data(), call.buffers = context.buffers.data(),
  call.gradients = context.gradients.data();
  call.numbers = &context.numbers, call.class_weights = context.class_weights.data(),
  call.labels = context.byte_labels.empty() ? cuda::DeviceLabels(context.labels.data())
                                            : cuda::DeviceLabels(context.byte_labels.data());
  if (!context.targets.empty()) call.labels = cuda::DeviceLabels(context.targets.data());
  call.loss = context.loss;
  call.sums = &context.sums, call.functors = device_functors(), call.kept = context.kept;
  call.sharing = context.sharing;
  cuda::run_kernel(call);
  CHECK(workspace.is_intact());
  Outcome outcome;
  if (of_batch) {
    const float* values = static_cast<float*>(output.data());
    outcome.batch_value.assign(values, values + node.out.channels);
  } else {
    outcome.y = download(call.output, node.out, batch, e);
  }
  return outcome;
}

/// Checks |given - wanted| <= steps bound max(1, |wanted|) everywhere; `steps`: how often a value is rounded on its
/// way.
inline void compare(const Maps& given, const Maps& wanted, Element e, double steps = 1) {
  double worst = 0;
  for (std::size_t i = 0; i < wanted.values.size(); i++) {
    const double off = std::fabs(given.values[i] - wanted.values[i]) / std::fmax(1, std::fabs(wanted.values[i]));
    if (!(off <= worst)) worst = off;
  }
  CHECK(worst <= steps * bound_of(e));
}

/// Calls body(element, batch) for all element types and batch sizes.
template <class Body>
void for_each_kind(Body body) {
  for (Element e : elements)
    for (int batch : batches) {
      INFO(cuda::name(e), ", batch ", batch);
      body(e, batch);
    }
}

/// Checks the node against reference(n, inputs of image n, y of image n), for all element types and batch sizes.
inline void check_node(const Node& node, const std::vector<Shape>& shapes,
                       const std::function<void(int, std::vector<Map>, Map)>& reference, double steps = 1,
                       int overwrites = -1) {
  INFO(graph::name(node.op));
  for_each_kind([&](Element e, int batch) {
    core::Random random{std::uint64_t(batch), 0};
    std::vector<Maps> inputs;
    for (const Shape& shape : shapes) inputs.push_back(draw(random, shape, batch, e));
    CallContext context;
    context.numbers.seed = 99;
    Maps wanted(node.out, batch);
    for (int n = 0; n < batch; n++) {
      std::vector<Map> maps;
      for (Maps& input : inputs) maps.push_back(input.of(n));
      reference(n, maps, wanted.of(n));
    }
    compare(run_node(node, e, batch, inputs, context).y, wanted, e, steps);
    if (overwrites >= 0) compare(run_node(node, e, batch, inputs, context, overwrites).y, wanted, e, steps);
  });
}

}  // namespace strata::testing
