// SPDX-License-Identifier: MIT
#include "check_backend.hpp"

#include <algorithm>
#include <cstring>

namespace strata::testing {

bool Stepped::operator==(const Stepped& other) const {
  const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  };
  return same(gradients, other.gradients) && same(buffers, other.buffers) && sums.loss == other.sums.loss &&
         sums.weight == other.sums.weight && sums.correct == other.sums.correct && sums.counted == other.sums.counted &&
         std::equal(std::begin(more), std::end(more), std::begin(other.more),
                    [](const core::StepResult& a, const core::StepResult& b) {
                      return a.loss == b.loss && a.weight == b.weight && a.correct == b.correct &&
                             a.counted == b.counted;
                    });
}

namespace {

/// Compares each tensor relative to the largest gradient of its layer, or to a hundredth of the largest of all:
/// gradients before a batch norm may be zero up to rounding.
void check_gradients(const char* what, const reference::TensorTable& table, const Stepped& given,
                     const Stepped& expected) {
  const graph::Tensor* tensors = table.parameters;
  for (int t = 0; t < table.parameter_count; t++) {
    double scale = 1e-2 * largest(expected.gradients.data(), long(expected.gradients.size()));
    for (int other = 0; other < table.parameter_count; other++)
      if (tensors[other].layer == tensors[t].layer)
        scale = std::fmax(scale, largest(expected.gradients.data() + tensors[other].offset, tensors[other].size));
    const double d = distance(given.gradients.data() + tensors[t].offset, expected.gradients.data() + tensors[t].offset,
                              tensors[t].size);
    INFO(std::string(what), ", gradient of tensor ", t, " (", std::string(graph::leaf_name(tensors[t].role)),
         "), scale ", scale);
    CHECK(d <= gradient_bound * scale);
  }
}

void check_step(const char* what, const reference::TensorTable& table, const Stepped& given, const Stepped& expected) {
  INFO(std::string(what));
  CHECK(std::fabs(given.sums.loss - expected.sums.loss) <= forward_bound * (1 + std::fabs(expected.sums.loss)));
  CHECK(given.sums.weight == doctest::Approx(expected.sums.weight));
  CHECK(given.sums.correct == expected.sums.correct);
  CHECK(given.sums.counted == expected.sums.counted);
  for (int head = 1; head < table.heads; head++) {
    const core::StepResult &sums = given.more[head - 1], &wanted = expected.more[head - 1];
    INFO("head ", head);
    CHECK(std::fabs(sums.loss - wanted.loss) <= forward_bound * (1 + std::fabs(wanted.loss)));
    CHECK(sums.weight == doctest::Approx(wanted.weight));
    CHECK(sums.correct == wanted.correct);
    CHECK(sums.counted == wanted.counted);
  }
  CHECK(relative_distance(given.buffers.data(), expected.buffers.data(), long(expected.buffers.size())) <=
        forward_bound);
  check_gradients(what, table, given, expected);
}

void check_images(const Subject& subject, MakeInference make, const reference::RandomData& data,
                  std::initializer_list<int> threads) {
  const long size = data.count * subject.tensors.result_floats();
  std::vector<float> expected(std::size_t(size), -1.f), first;
  reference::DeclaredInference oracle(subject.net);
  oracle.load(data.parameters.data(), data.buffers.data());
  oracle.run(data.image_view(), expected.data());
  for (int t : threads) {
    core::Workers workers(t);
    const auto inference = make(data.count + 3, workers);
    inference->load(data.parameters.data(), data.buffers.data());
    std::vector<float> given(std::size_t(size), -1.f);
    for (int repeat = 0; repeat < 2; repeat++) inference->run(data.image_view(), given.data());
    INFO("inference, ", data.count, " images, ", t, " threads");
    CHECK(distance(given.data(), expected.data(), size) <=
          forward_bound * std::fmax(1, largest(expected.data(), size)));
    if (first.empty()) first = given;
    CHECK(first == given);
  }
}

/// Flags per layer, as in StepOptions::kept: every `stride`-th batch norm of the network keeps its statistics. Empty:
/// it has none.
std::vector<unsigned char> kept_norms(const Subject& subject, int stride) {
  std::vector<unsigned char> kept;
  for (int i = 0, norm = 0; i < subject.net.count; i++) {
    const graph::Node& node = subject.net.nodes[i];
    if (node.op != graph::Op::batch_norm) continue;
    if (int(kept.size()) <= node.layer) kept.resize(std::size_t(node.layer) + 1, 0);
    kept[std::size_t(node.layer)] = ++norm % stride == 0;
  }
  return kept;
}

/// Checks that kept running statistics are unchanged, bit for bit, and that other running means moved.
void check_kept(const Subject& subject, const std::vector<unsigned char>& kept, const std::vector<float>& before,
                const Stepped& given) {
  for (int b = 0; b < subject.tensors.buffer_count; b++) {
    const graph::Tensor& tensor = subject.tensors.buffers[b];
    const float *const was = before.data() + tensor.offset, *const is = given.buffers.data() + tensor.offset;
    const bool same = std::memcmp(was, is, std::size_t(tensor.size) * sizeof(float)) == 0;
    const bool keeps = tensor.layer < int(kept.size()) && kept[std::size_t(tensor.layer)];
    INFO("buffer ", b, " (", std::string(graph::leaf_name(tensor.role)), ")");
    if (keeps) CHECK(same);
    else if (tensor.role == graph::Role::running_mean) CHECK(!same);
  }
}

/// Checks steps in which all batch norms keep their statistics, then every second one, alternating with steps in which
/// none does.
void check_kept_statistics(const Subject& subject, MakeTraining make, int batch, std::initializer_list<int> threads) {
  for (const int stride : {1, 2}) {
    const std::vector<unsigned char> kept = kept_norms(subject, stride);
    if (kept.empty()) return;
    const reference::RandomData data =
        reference::smooth_data(subject.net, subject.tensors, batch, 1e-5, 12, kept.data());
    const core::StepOptions keeping{.seed = 5, .kept = kept.data()};
    reference::DeclaredTraining oracle(subject.net);
    const Stepped expected = step_of(oracle, data, data.image_view(), keeping);
    check_kept(subject, kept, data.buffers, expected);
    std::vector<Stepped> first;
    for (const int t : threads) {
      core::Workers workers(t);
      const auto training = make(batch, workers);
      INFO("statistics kept, of one in ", stride, " batch norms, ", batch, " images, ", t, " threads");
      const Stepped plain = step_of(*training, data, data.image_view(), {.seed = 5});
      const Stepped given = step_of(*training, data, data.image_view(), keeping);
      if (first.empty()) {
        check_step("step", subject.tensors, given, expected);
        check_kept(subject, kept, data.buffers, given);
        first.push_back(given);
        const core::StepOptions added{
            .loss_scale = 0.25, .accumulate = true, .momentum = 0.4, .seed = 9, .kept = kept.data()};
        check_step("accumulated", subject.tensors, step_of(*training, data, data.image_view(), added, 0.5f),
                   step_of(oracle, data, data.image_view(), added, 0.5f));
        const core::StepOptions forward{.backward = false, .momentum = 0.4, .seed = 9, .kept = kept.data()};
        const Stepped half = step_of(*training, data, data.image_view(), forward);
        check_step("forward only", subject.tensors, half, step_of(oracle, data, data.image_view(), forward));
        check_kept(subject, kept, data.buffers, half);
      }
      CHECK(given == first[0]);
      CHECK(step_of(*training, data, data.image_view(), {.seed = 5}) == plain);
    }
  }
}

void check_training(const Subject& subject, MakeTraining make, const reference::RandomData& data,
                    std::initializer_list<int> threads) {
  const core::StepOptions plain{.seed = 5};
  reference::DeclaredTraining oracle(subject.net);
  const Stepped expected = step_of(oracle, data, data.image_view(), plain);
  std::vector<Stepped> first;
  for (int t : threads) {
    core::Workers workers(t);
    const auto training = make(data.count + 3, workers);
    INFO("training, ", data.count, " images, ", t, " threads");
    step_of(*training, data, data.image_view(), {.loss_scale = 3, .seed = 6});  // must not affect the next step
    const Stepped given = step_of(*training, data, data.image_view(), plain);
    if (first.empty()) {
      check_step("step", subject.tensors, given, expected);
      first.push_back(given);
    }
    CHECK(given == first[0]);
  }
}

}  // namespace

void check_inference(const Subject& subject, MakeInference make, std::initializer_list<int> batches,
                     std::initializer_list<int> threads) {
  INFO(std::string(subject.spelling));
  for (int batch : batches)
    check_images(subject, make, reference::smooth_data(subject.net, subject.tensors, batch), threads);
}

void check_options(const Subject& subject, MakeTraining make, int batch) {
  reference::RandomData data = reference::smooth_data(subject.net, subject.tensors, batch);
  const reference::TensorTable& table = subject.tensors;
  const long size = table.input.size();
  core::Workers one(1);
  reference::DeclaredTraining oracle(subject.net);
  const auto made = make(data.count, one);
  AnyTraining& training = *made;

  const core::StepOptions more{.loss_scale = 0.25, .accumulate = true, .momentum = 0.4, .seed = 9};
  const Stepped accumulated = step_of(oracle, data, data.image_view(), more, 0.5f);
  for (int repeat = 0; repeat < 2; repeat++)  // the gradients of the previous step must not be added
    check_step("accumulated, own scale and momentum", table, step_of(training, data, data.image_view(), more, 0.5f),
               accumulated);

  std::vector<float> class_weights(std::size_t(table.output.channels));
  for (std::size_t c = 0; c < class_weights.size(); c++) class_weights[c] = c == 0 ? 0.f : 0.4f + 1.5f * float(c);
  for (const bool divide_by_weights : {false, true}) {
    const core::StepOptions weighted{
        .class_weights = class_weights.data(), .divide_by_weights = divide_by_weights, .seed = 9};
    check_step("weighted classes", table, step_of(training, data, data.image_view(), weighted),
               step_of(oracle, data, data.image_view(), weighted));
  }

  const core::StepOptions forward{.backward = false, .seed = 9};
  const Stepped given = step_of(training, data, data.image_view(), forward, 0.5f);
  check_step("forward only", table, given, step_of(oracle, data, data.image_view(), forward, 0.5f));
  for (float g : given.gradients) REQUIRE(g == 0.5f);

  std::vector<std::int32_t> index(std::size_t(data.count), 0);
  for (int i = 0; i < data.count; i++) index[std::size_t(i)] = (i * 2 + 1) % data.count;
  Images permuted = data.image_view();
  permuted.index = index.data();
  check_step("images by index", table, step_of(training, data, permuted, {}), step_of(oracle, data, permuted, {}));

  std::vector<std::uint8_t> bytes(std::size_t(data.count * size));
  for (std::size_t i = 0; i < bytes.size(); i++) bytes[i] = std::uint8_t(127 + 100 * double(data.images[i]));
  reference::RandomData scaled = data;
  const int channels = table.input.channels;
  for (int c = 0; c < channels; c++) scaled.buffers[std::size_t(subject.net.nodes[0].buffers + c)] /= 128;
  const Images as_bytes{.bytes = bytes.data(), .count = data.count};
  check_step("bytes", table, step_of(training, scaled, as_bytes, {}), step_of(oracle, scaled, as_bytes, {}));

  check_kept_statistics(subject, make, batch, {1});

  for (std::int32_t& label : data.labels) label = -1;
  const Stepped none = step_of(training, data, data.image_view(), {});
  CHECK(none.sums.loss == 0);
  CHECK(none.sums.counted == 0);
  for (float g : none.gradients) REQUIRE(g == 0);
}

void check_backend(const Subject& subject, MakeInference inference, MakeTraining training,
                   std::initializer_list<int> batches, std::initializer_list<int> threads) {
  INFO(std::string(subject.spelling));
  for (int batch : batches) {
    const reference::RandomData data = reference::smooth_data(subject.net, subject.tensors, batch);
    check_images(subject, inference, data, threads);
    check_training(subject, training, data, threads);
  }
  check_kept_statistics(subject, training, *std::max_element(batches.begin(), batches.end()), threads);
}

}  // namespace strata::testing
