// SPDX-License-Identifier: MIT
#include "check_plans.hpp"

#include <algorithm>
#include <iterator>

namespace strata::testing {

PlanResult run(const reference::PlanView& plan, reference::Memory memory, const reference::Functor* functors,
               const reference::RandomData& data, const unsigned char* kept) {
  const reference::Doubles parameters(data.parameters.begin(), data.parameters.end());
  PlanResult r;
  r.gradients.resize(parameters.size());
  r.buffers.assign(data.buffers.begin(), data.buffers.end());
  reference::Run run{.parameters = parameters.data(),
                     .buffers = r.buffers.data(),
                     .gradients = r.gradients.data(),
                     .images = data.image_view(),
                     .labels = data.label_view(),
                     .options = {.seed = 5, .kept = kept},
                     .functors = functors};
  reference::PlanInterpreter(plan, memory, run).execute();
  r.result = run.result;
  r.sums = run.sums;
  std::copy(std::begin(run.more), std::end(run.more), r.more);
  return r;
}

PlanResult run_declared(const reference::Declaration& net, graph::Mode mode, const reference::RandomData& data,
                        const unsigned char* kept) {
  const reference::Doubles parameters(data.parameters.begin(), data.parameters.end());
  PlanResult r;
  r.gradients.resize(parameters.size());
  r.buffers.assign(data.buffers.begin(), data.buffers.end());
  reference::Tape tape(net, data.count);
  if (mode == graph::Mode::training) {
    r.sums = reference::step(tape, parameters.data(), r.buffers.data(), data.image_view(), data.label_view(),
                             r.gradients.data(), {.seed = 5, .kept = kept, .more = r.more});
    return r;
  }
  reference::read(tape, data.image_view(), r.buffers.data());
  tape.forward(parameters.data(), r.buffers.data(), {.mode = mode});
  for (int head = 0; head < net.inference_heads; head++)
    for (int n = 0; n < data.count; n++) {
      const reference::Map y = tape.value(graph::result_of(net, head), n);
      r.result.insert(r.result.end(), y.data, y.data + y.size());
    }
  return r;
}

namespace {

/// Gradients may be zero up to rounding (a bias before a batch norm): their scale is that of all gradients together.
void check_same(const PlanResult& given, const PlanResult& expected) {
  REQUIRE(given.result.size() == expected.result.size());
  CHECK(distance(given.result.data(), expected.result.data(), long(expected.result.size())) <= double_bound);
  CHECK(relative_distance(given.gradients.data(), expected.gradients.data(), long(expected.gradients.size())) <=
        double_bound);
  CHECK(relative_distance(given.buffers.data(), expected.buffers.data(), long(expected.buffers.size())) <=
        double_bound);
  CHECK(given.sums.loss == doctest::Approx(expected.sums.loss).epsilon(double_bound));
  CHECK(given.sums.correct == expected.sums.correct);
  CHECK(given.sums.counted == expected.sums.counted);
  for (int head = 1; head < graph::max_ports; head++) {
    CHECK(given.more[head - 1].loss == doctest::Approx(expected.more[head - 1].loss).epsilon(double_bound));
    CHECK(given.more[head - 1].correct == expected.more[head - 1].correct);
    CHECK(given.more[head - 1].counted == expected.more[head - 1].counted);
  }
}

}  // namespace

void check_plan(const char* name, const char* target, const reference::PlanView& plan,
                const reference::Functor* functors, const reference::Declaration& net, graph::Mode mode,
                const reference::RandomData& data) {
  const auto check = [&](const unsigned char* kept) {
    const PlanResult expected = run_declared(net, mode, data, kept);
    const PlanResult separate = run(plan, reference::Memory::separate, functors, data, kept);
    const PlanResult planned = run(plan, reference::Memory::planned, functors, data, kept);
    check_same(separate, expected);
    CHECK(planned.result == separate.result);
    CHECK(planned.gradients == separate.gradients);
    CHECK(planned.buffers == separate.buffers);
    CHECK(planned.sums.loss == separate.sums.loss);
  };
  INFO(std::string(name), ": ", std::string(target), ", ", data.count, " images");
  check(nullptr);
  std::vector<unsigned char> kept;
  for (int i = 0; i < net.count; i++)
    if (net.nodes[i].op == graph::Op::batch_norm) kept.resize(std::size_t(net.nodes[i].layer) + 1, 1);
  INFO("with kept statistics");
  if (!kept.empty() && mode == graph::Mode::training) {
    kept.resize(std::size_t(net.nodes[net.count - 1].layer) + 1, 0);
    check(kept.data());
  }
}

}  // namespace strata::testing
