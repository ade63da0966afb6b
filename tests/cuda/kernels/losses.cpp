// SPDX-License-Identifier: MIT
// Softmax, its gradient and the losses, on scores that may be upsampled and cropped on the way.
#include <strata/core/losses/dice_loss.hpp>
#include <strata/reference/rearrange.hpp>

#include <limits>

#include "../../support/cuda/kernel_check.hpp"

namespace cuda_kernels_losses {

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

namespace {

/// A head: scores = crop(resize(x)).
struct Scored {
  Shape in, scores;
  int factor = 1, top = 0, left = 0;
  graph::Interpolation mode = graph::Interpolation::half_pixel;
};
const Scored heads[] = {
    {{1, 1, 10}, {1, 1, 10}},         {{3, 5, 11}, {3, 5, 11}},
    {{3, 4, 3}, {2, 3, 3}, 1, 1, 1},  {{3, 4, 11}, {12, 16, 11}, 4},
    {{3, 4, 5}, {9, 13, 5}, 4, 2, 1}, {{3, 4, 5}, {11, 12, 5}, 4, 0, 4, graph::Interpolation::zero_extended},
    {{2, 5, 3}, {6, 15, 3}, 3},       {{4, 3, 16}, {8, 6, 16}, 2, 0, 0, graph::Interpolation::zero_extended},
};

Node node_of(Op op, const Scored& h) {
  Node node;
  node.inputs = reads({graph::Input::x});
  node.op = op, node.in = h.in, node.mid = h.scores, node.factor = h.factor, node.mode = h.mode;
  node.offset_y = h.top, node.offset_x = h.left;
  return node;
}

Shape enlarged(const Scored& h) { return {h.in.height * h.factor, h.in.width * h.factor, h.in.channels}; }
void make_scores(const Scored& h, Map x, Map scores) {
  Doubles full(std::size_t(enlarged(h).size()));
  reference::resize(h.mode, h.factor, x, {full.data(), enlarged(h)});
  reference::crop(h.top, h.left, {full.data(), enlarged(h)}, scores);
}

}  // namespace

TEST_CASE("softmax") {
  for (const Scored& h : heads) {
    Node node = node_of(Op::softmax, h);
    node.out = h.scores;
    check_node(node, {h.in}, [&](int, std::vector<Map> in, Map y) {
      Doubles scores(std::size_t(h.scores.size()));
      make_scores(h, in[0], {scores.data(), h.scores});
      reference::softmax({scores.data(), h.scores}, y);
    });
  }
}

TEST_CASE("the gradient of softmax") {
  for (Shape shape : {Shape{3, 5, 11}, Shape{1, 1, 10}}) {
    Node node;
    node.op = Op::softmax_gradient, node.in = node.out = node.mid = shape;
    node.inputs = reads({graph::Input::dy, graph::Input::y});
    check_node(
        node, {shape, shape}, [](int, std::vector<Map> in, Map dx) { reference::softmax_gradient(in[0], in[1], dx); },
        2, 0);
  }
}

TEST_CASE("the loss: gradient and sums, with class weights and labels that are ignored") {
  for (const Scored& h : heads)
    for (double range : {1.0, 60.0})
      for_each_kind([&](Element e, int batch) {
        Node node = node_of(Op::loss, h);
        node.out = h.in;
        Random random{11, 0};
        Maps x = draw(random, h.in, batch, e, -range, range), wanted(h.in, batch);
        CallContext context;
        context.numbers.loss_scale = 1.5f;
        context.sums = {1, 2, 3, 4};  // of an earlier batch
        const int classes = h.in.channels;
        for (int c = 0; c < classes; c++) context.class_weights.push_back(c == 2 ? 0.f : 0.5f + random.uniform());
        for (long i = 0; i < batch * long(h.scores.pixels()); i++)
          context.labels.push_back(random.below(8) == 0 ? random.below(2) ? -1 : classes
                                                        : std::int32_t(random.below(std::uint64_t(classes))));
        StepResult sums;
        for (int n = 0; n < batch; n++) {
          Doubles scores(std::size_t(h.scores.size())), gradient(scores.size()), full(std::size_t(enlarged(h).size()));
          make_scores(h, x.of(n), {scores.data(), h.scores});
          reference::loss({.values = context.labels.data()}, n, 1.5, context.class_weights.data(),
                          {scores.data(), h.scores}, {gradient.data(), h.scores}, sums);
          reference::crop_gradient(h.top, h.left, {gradient.data(), h.scores}, {full.data(), enlarged(h)});
          reference::resize_gradient(h.mode, h.factor, {full.data(), enlarged(h)}, wanted.of(n));
        }
        compare(run_node(node, e, batch, {x}, context).y, wanted, e, 2);
        CHECK(context.sums.loss == doctest::Approx(sums.loss).epsilon(1e-5));
        CHECK(context.sums.weight == doctest::Approx(sums.weight).epsilon(1e-12));
        CHECK(context.sums.correct == sums.correct);
        CHECK(context.sums.counted == sums.counted);
      });
}

TEST_CASE("the sums of many pixels take several launches") {
  const Scored h{{50, 60, 2}, {200, 240, 2}, 4};
  Node node = node_of(Op::loss, h);
  node.out = h.in;
  Random random{12, 0};
  Maps x = draw(random, h.in, 3, Element::fp32);
  CallContext context;
  context.class_weights = {1, 1};
  for (long i = 0; i < 3L * h.scores.pixels(); i++) context.labels.push_back(std::int32_t(random.below(2)));
  StepResult sums;
  for (int n = 0; n < 3; n++) {
    Doubles scores(std::size_t(h.scores.size())), gradient(scores.size());
    make_scores(h, x.of(n), {scores.data(), h.scores});
    reference::loss({.values = context.labels.data()}, n, 1, nullptr, {scores.data(), h.scores},
                    {gradient.data(), h.scores}, sums);
  }
  run_node(node, Element::fp32, 3, {x}, context);
  CHECK(context.sums.loss == doctest::Approx(sums.loss).epsilon(1e-6));
  CHECK(context.sums.counted == sums.counted);
  CHECK(std::llabs(context.sums.correct - sums.correct) <= 1);  // scores of two classes that differ only by rounding
}

TEST_CASE("labels that are bytes are those that are ints") {
  long ignored = 0;
  for (const Scored& h : heads) {
    Node node = node_of(Op::loss, h);
    node.out = h.in;
    Random random{13, 0};
    const Maps x = draw(random, h.in, 3, Element::fp32);
    CallContext ints;
    ints.numbers.loss_scale = 0.5f;
    ints.class_weights.assign(std::size_t(h.in.channels), 1.5f);
    for (long i = 0; i < 3L * h.scores.pixels(); i++)
      ints.labels.push_back(std::int32_t(random.below(std::uint64_t(h.in.channels) + 2)) - 1);
    CallContext bytes = ints;
    for (const std::int32_t label : ints.labels) bytes.byte_labels.push_back(std::uint8_t(label));
    bytes.labels.clear();
    const Outcome of_ints = run_node(node, Element::fp32, 3, {x}, ints);
    const Outcome of_bytes = run_node(node, Element::fp32, 3, {x}, bytes);
    CHECK(of_bytes.y.values == of_ints.y.values);
    CHECK(bytes.sums.loss == ints.sums.loss);
    CHECK(bytes.sums.counted == ints.sums.counted);
    ignored += long(ints.labels.size()) - bytes.sums.counted;
  }
  CHECK(ignored > 0);
}

TEST_CASE("the gradient is divided by the labels that the kernel counts, or by their weight") {
  const Scored h = heads[1];
  Node node = node_of(Op::loss, h);
  node.out = h.in;
  Random random{14, 0};
  const Maps x = draw(random, h.in, 3, Element::fp32);
  CallContext context;
  for (int c = 0; c < h.in.channels; c++) context.class_weights.push_back(0.25f * float(1 + c % 3));
  for (long i = 0; i < 3L * h.scores.pixels(); i++) context.labels.push_back(std::int32_t(random.below(12)) - 1);
  context.numbers.loss_scale = 8;
  Maps wanted = run_node(node, Element::fp32, 3, {x}, context).y;
  struct Sharing final : cuda::BatchSharing {
    void share(cuda::LossSums* sums) override { sums->counted *= 2, sums->weight *= 2; }
  };
  for (const cuda::LossDivisor by : {cuda::LossDivisor::counted, cuda::LossDivisor::weight}) {
    context.numbers.divisor = by;
    const Maps given = run_node(node, Element::fp32, 3, {x}, context).y;
    Maps scaled = wanted;
    const double divisor = by == cuda::LossDivisor::weight ? context.sums.weight : double(context.sums.counted);
    for (double& g : scaled.values) g /= divisor;
    compare(given, scaled, Element::fp32);
    CHECK(given.values != wanted.values);
    Sharing sharing;  // of a batch that is twice as large
    context.sharing = &sharing;
    const Maps shared = run_node(node, Element::fp32, 3, {x}, context).y;
    for (double& g : scaled.values) g /= 2;
    compare(shared, scaled, Element::fp32);
    context.sharing = nullptr;
  }
  context.labels.assign(context.labels.size(), -1);
  for (const double g : run_node(node, Element::fp32, 3, {x}, context).y.values) CHECK(g == 0);
}

namespace {

cuda::DeviceLoss on_device(const LossTerm& term) {
  const LossFunction& f = *term.function;
  return {.kind = f.on_device,
          .decides = f.decides,
          .threshold = float(f.threshold),
          .numbers = {float(term.numbers[0]), float(term.numbers[1])},
          .positive_weights = term.positive_weights};
}

void check_sums(const cuda::LossSums& given, const StepResult& expected) {
  CHECK(given.loss == doctest::Approx(expected.loss).epsilon(3e-5));
  CHECK(given.weight == doctest::Approx(expected.weight).epsilon(1e-6));
  CHECK(given.correct == expected.correct);
  CHECK(given.counted == expected.counted);
}

}  // namespace

TEST_CASE("other losses of classes, of labels and of probabilities") {
  const LossTerm terms[] = {{.function = &cross_entropy_loss, .numbers = {0.1, 0}},
                            {.function = &cross_entropy_loss, .numbers = {1, 0}},
                            {.function = &focal_loss, .numbers = {-1, 2}},
                            {.function = &focal_loss, .numbers = {-1, 0.5}},
                            {.function = &kullback_leibler_loss},
                            {.function = &dice_loss, .numbers = {1, 0}},
                            {.function = &dice_loss, .numbers = {0.5, 0.75}}};
  for (LossTerm term : terms)
    for (const Scored& h : heads)
      for (const bool of_floats : {false, true})
        for_each_kind([&](Element e, int batch) {
          INFO(std::string(term.function->name), std::string(of_floats ? " of floats" : ""));
          Node node = node_of(Op::loss, h);
          node.out = h.in;
          Random random{15, 0};
          Maps x = draw(random, h.in, batch, e, -3, 3), wanted(h.in, batch);
          CallContext context;
          context.numbers.loss_scale = 0.25f;
          context.loss = on_device(term);
          const int classes = h.in.channels;
          for (int c = 0; c < classes; c++) context.class_weights.push_back(0.5f + random.uniform());
          term.weights = context.class_weights.data();
          for (long i = 0; i < batch * long(h.scores.pixels()); i++)
            context.labels.push_back(std::int32_t(random.below(std::uint64_t(classes) + 1)) - 1);
          for (long i = 0; of_floats && i < batch * h.scores.size(); i++)
            context.targets.push_back(i % 29 == 5 ? std::numeric_limits<float>::quiet_NaN() : random.uniform());
          Labels labels{.values = context.labels.data()};
          if (of_floats) labels = {.floats = context.targets.data()};
          StepResult sums;
          for (int n = 0; n < batch; n++) {
            Doubles scores(std::size_t(h.scores.size())), gradient(scores.size()),
                full(std::size_t(enlarged(h).size()));
            make_scores(h, x.of(n), {scores.data(), h.scores});
            reference::loss(term, labels, n, 0.25, {scores.data(), h.scores}, {gradient.data(), h.scores}, sums);
            reference::crop_gradient(h.top, h.left, {gradient.data(), h.scores}, {full.data(), enlarged(h)});
            reference::resize_gradient(h.mode, h.factor, {full.data(), enlarged(h)}, wanted.of(n));
          }
          compare(run_node(node, e, batch, {x}, context).y, wanted, e, 2);
          check_sums(context.sums, sums);
        });
}

TEST_CASE("the Dice loss of sigmoids") {
  for (const double share : {0.0, 0.5})
    for (const Shape shape : {Shape{3, 7, 5}, Shape{1, 1, 3}})
      for_each_kind([&](Element e, int batch) {
        Node node;
        node.inputs = reads({graph::Input::x});
        node.op = Op::loss, node.in = node.out = node.mid = shape;
        Random random{17, 0};
        Maps x = draw(random, shape, batch, e, -3, 3), wanted(shape, batch);
        LossTerm term{.function = &binary_dice_loss, .numbers = {1, share}};
        CallContext context;
        context.numbers.loss_scale = 0.5f;
        context.loss = on_device(term);
        for (int c = 0; c < shape.channels; c++) context.class_weights.push_back(0.5f + random.uniform());
        term.weights = context.class_weights.data();
        for (long i = 0; i < batch * shape.size(); i++)
          context.targets.push_back(i % 17 == 5 ? std::numeric_limits<float>::quiet_NaN() : random.uniform());
        StepResult sums;
        for (int n = 0; n < batch; n++)
          reference::loss(term, {.floats = context.targets.data()}, n, 0.5, x.of(n), wanted.of(n), sums);
        compare(run_node(node, e, batch, {x}, context).y, wanted, e, 2);
        check_sums(context.sums, sums);
      });
}

TEST_CASE("losses of values, some of which are missing") {
  const std::vector<float> positive{2.f, 0.5f, 1.5f, 1.f, 1.f};
  const LossTerm terms[] = {{.function = &squared_loss},
                            {.function = &absolute_loss},
                            {.function = &huber_loss, .numbers = {0.5, 0}},
                            {.function = &logistic_loss, .positive_weights = positive.data()},
                            {.function = &probability_loss},
                            {.function = &binary_focal_loss, .numbers = {0.25, 2}},
                            {.function = &divergence_loss}};
  for (LossTerm term : terms)
    for (const Shape shape : {Shape{3, 7, 5}, Shape{1, 1, 3}})
      for_each_kind([&](Element e, int batch) {
        INFO(std::string(term.function->name));
        Node node;
        node.inputs = reads({graph::Input::x});
        node.op = Op::loss, node.in = node.out = node.mid = shape;
        Random random{16, 0};
        const bool bounded = term.function == &probability_loss;
        Maps x = draw(random, shape, batch, e, bounded ? 0.1 : -3, bounded ? 0.9 : 3), wanted(shape, batch);
        CallContext context;
        context.numbers.loss_scale = 0.5f;
        context.loss = on_device(term);
        for (int c = 0; c < shape.channels; c++) context.class_weights.push_back(0.5f + random.uniform());
        term.weights = context.class_weights.data();
        for (long i = 0; i < batch * shape.size(); i++)
          context.targets.push_back(random.below(8) == 0 ? std::numeric_limits<float>::quiet_NaN() : random.uniform());
        StepResult sums;
        for (int n = 0; n < batch; n++)
          reference::loss(term, {.floats = context.targets.data()}, n, 0.5, x.of(n), wanted.of(n), sums);
        compare(run_node(node, e, batch, {x}, context).y, wanted, e, 2);
        check_sums(context.sums, sums);
      });
}

}  // namespace cuda_kernels_losses
