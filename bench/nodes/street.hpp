// SPDX-License-Identifier: MIT
// DeepLabv3+ on ResNet-18 as bench_models runs it, at one size.
#pragma once

#include <strata/cpu/nhwc/training.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

#include "subject.hpp"

namespace strata::bench {

template <int Rows, int Columns>
struct Street {
  using Net = DeepLabv3Plus<Image<Rows, Columns, 3>, 11, models::TorchvisionLike>;
  static constexpr cpu::nhwc::Program forward = program_without_general<cpu::nhwc::InferenceOf<Net>>;
  static constexpr cpu::nhwc::Program step = program_without_general<cpu::nhwc::TrainingOf<Net>>;

  static constexpr Subject inference(const char* name, const char* title) {
    Subject s = subject_of<graph::lowered<Net>>(name, title);
    s.batch = 1, s.rounds = 9;
    s.nodes = &forward;
    return s;
  }
  static constexpr Subject training(const char* name, const char* title) {
    Subject s = subject_of<graph::lowered<Net>>(name, title);
    s.training = true, s.batch = 8, s.rounds = 3;
    s.nodes = &step;
    return s;
  }
};

}  // namespace strata::bench
