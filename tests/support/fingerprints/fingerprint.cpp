// SPDX-License-Identifier: MIT
#define DOCTEST_CONFIG_IMPLEMENT  // the checks of support/ need it
#include "fingerprint.hpp"

#include <strata/train/sgd.hpp>
#include <strata/train/updater.hpp>

#include <cstdio>
#include <vector>

namespace strata::testing {

namespace {

std::vector<void (*)()>& printers() {
  static std::vector<void (*)()> all;
  return all;
}

core::Digest digest_of(const std::vector<float>& numbers) {
  core::Digest digest;
  digest.add(numbers.data(), numbers.size() * sizeof(float));
  return digest;
}

std::string text_of(const Stepped& s) {
  core::Digest sums;
  for (const double x : {s.sums.loss, s.sums.weight, double(s.sums.correct), double(s.sums.counted)})
    sums.add(&x, sizeof x);
  return sums.text() + " " + digest_of(s.gradients).text() + " " + digest_of(s.buffers).text();
}

void add(core::Digest& digest, const cuda::Operand& operand) {
  for (const long x : {long(operand.where), long(operand.node), operand.offset}) digest.word(std::uint64_t(x));
}

void add(core::Digest& digest, const cuda::Form& form) {
  digest.add(cuda::to_text(form));
  digest.word(std::uint64_t(form.scratch_bytes));
  for (const cuda::Piece& piece : form.pieces) {
    digest.word(std::uint64_t(piece.node));
    for (const cuda::Operand& operand : piece.operands) add(digest, operand);
    add(digest, piece.from), add(digest, piece.to);
    for (const cuda::GraphTensor& tensor : piece.graph.tensors) {
      for (const long x : tensor.dims) digest.word(std::uint64_t(x));
      for (const long x : tensor.strides) digest.word(std::uint64_t(x));
      digest.word(std::uint64_t(tensor.element)), digest.word(std::uint64_t(tensor.flow));
    }
  }
}

}  // namespace

Fingerprinted::Fingerprinted(void (*print)()) { printers().push_back(print); }

void print_line(const std::string& network, const char* backend, const char* what, const std::string& value) {
  std::printf("%s %s %s %s\n", network.c_str(), backend, what, value.c_str());
  std::fflush(stdout);
}

void print_numbers(const std::string& network, const char* backend, const Subject& subject,
                   MakeInference make_inference, MakeTraining make_training, int batch) {
  const reference::TensorTable& tensors = subject.tensors;
  reference::RandomData data = reference::draw_data(tensors, batch, 1);
  core::Workers workers(1);
  std::vector<float> scores(std::size_t(batch * tensors.result_floats()));
  const auto inference = make_inference(batch, workers);
  inference->load(data.parameters.data(), data.buffers.data());
  inference->run(data.image_view(), scores.data());
  print_line(network, backend, "output", digest_of(scores).text());

  const auto training = make_training(batch, workers);
  const Stepped first = step_of(*training, data, data.image_view(), {.seed = 5});
  print_line(network, backend, "step", text_of(first));
  const core::StepOptions added{.loss_scale = 0.25, .accumulate = true, .momentum = 0.4, .seed = 9};
  print_line(network, backend, "accumulated", text_of(step_of(*training, data, data.image_view(), added, 0.5f)));
  print_line(network, backend, "forward",
             text_of(step_of(*training, data, data.image_view(), {.backward = false, .seed = 9}, 0.5f)));

  training::Updater updater(tensors.parameters, tensors.parameter_count, tensors.parameter_floats,
                            Sgd{.momentum = 0.9, .l2 = 1e-3}, {});
  for (const std::uint64_t seed : {5, 6}) {
    Stepped step = step_of(*training, data, data.image_view(), {.seed = seed});
    updater.update(workers, data.parameters.data(), step.gradients.data(), 0.01);
  }
  print_line(network, backend, "updated", digest_of(data.parameters).text());
}

void print_device_plan(const std::string& network, const char* mode, const cuda::PlanView& plan, int batch) {
  core::Digest places;
  for (int i = 0; i < plan.count; i++) {
    places.add(graph::name(plan.nodes[i].op));
    places.word(std::uint64_t(plan.places[i].offset));
  }
  for (const long x : {long(plan.count), long(plan.result), plan.frame, plan.fixed}) places.word(std::uint64_t(x));
  print_line(network, "cuda", mode, "places " + places.text());
  for (const cuda::Precision& precision : {Tf32::precision, Fp16::precision, Bf16::precision, Fp32::precision}) {
    core::Digest forms;
    for (const cuda::Segment& segment : cuda::lower(plan, batch, precision)) {
      forms.word(std::uint64_t(segment.node)), forms.word(std::uint64_t(segment.sums));
      for (const cuda::Form& form : segment.forms) add(forms, form);
    }
    print_line(network, "cuda", mode, std::string(name(precision)) + " " + forms.text());
  }
}

}  // namespace strata::testing

int main() {
  for (void (*print)() : strata::testing::printers()) print();
}
