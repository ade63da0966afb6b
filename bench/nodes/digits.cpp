// SPDX-License-Identifier: MIT
#include <strata/cpu/cpu.hpp>
#include <strata/models/digits.hpp>

#include "subject.hpp"

namespace strata::bench {

namespace {

using Net = Digits<8, 16, 32>;
constexpr graph::PlanOptions direct{.products = graph::Products::direct},
    winograd{.products = graph::Products::winograd};
constexpr cpu::nhwc::Program few_images = program_without_general<cpu::nhwc::InferenceOf<Net>>;

constexpr Subject inference() {
  Subject s = subject_of<graph::lowered<Net>>("digits-inference", "digits, inference");
  s.batch = 1024, s.rounds = 200;
  s.nodes = &few_images, s.groups = &cpu::lanes::inference_program<Net>,
  s.groups_from = cpu::Inference<Net>::min_lanes_batch;
  s.direct_groups = &cpu::lanes::inference_program<Net, direct>,
  s.winograd_groups = &cpu::lanes::inference_program<Net, winograd>;
  return s;
}

constexpr Subject training() {
  Subject s = subject_of<graph::lowered<Net>>("digits-training", "digits, training step");
  s.training = true, s.batch = 1024, s.rounds = 100;
  s.groups = &cpu::lanes::training_program<Net>;
  s.direct_groups = &cpu::lanes::training_program<Net, direct>,
  s.winograd_groups = &cpu::lanes::training_program<Net, winograd>;
  return s;
}

}  // namespace

extern constexpr Subject digits_inference = inference(), digits_training = training();

}  // namespace strata::bench
