// SPDX-License-Identifier: MIT
// DeepLabv3+ on ResNet-18 at one size: a training step at batch 8 (loss with class weights, backward, SGD with momentum
// and L2), and inference of one image to its class probabilities. Each back end is compiled in its own file.
#pragma once

#include "workload.hpp"

#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/strata.hpp>

#include <memory>

namespace strata::bench {

template <int Rows, int Columns, class Backend>
struct Street {
  static constexpr int classes = 11, batch = 8;
  static constexpr int calls = requires { Backend::learns_on_device; }
  ? 10 : 1;  ///< per measurement
  using Net = DeepLabv3Plus<Image<Rows, Columns, 3>, classes, models::TorchvisionLike>;

  static Workload workload(const std::string& name, int thread_count, const std::string& exchange) {
    return name.starts_with("street_train") ? training(thread_count) : inference(name, thread_count, exchange);
  }

 private:
  static std::vector<float> noise(std::size_t count) {
    std::vector<float> out(count);
    core::Random random{2, 0};
    for (float& x : out) x = 2 * random.uniform() - 1;
    return out;
  }

  static Workload training(int thread_count) {
    struct State {
      Model<Net, Backend> model;
      std::unique_ptr<training::Learner> learner;
      std::vector<std::uint8_t> images;
      std::vector<std::int32_t> labels;
      std::vector<float> class_weights;
      explicit State(int thread_count) : model{{.seed = 1, .threads = thread_count}} {
        core::Random random{3, 0};
        for (int i = 0; i < batch * Rows * Columns; i++) labels.push_back(std::int32_t(random.below(classes)));
        for (long i = 0; i < batch * input_shape<Net>.size(); i++) images.push_back(std::uint8_t(random.below(256)));
        for (int c = 0; c < classes; c++) class_weights.push_back(0.2f + 0.48f * float(c));
        model.input_scaling({.mean = {128}, .deviation = {64}});
      }
    };
    auto state = std::make_shared<State>(thread_count);
    state->learner = learner_of(state->model, batch, Sgd{.rate = 0.01, .momentum = 0.9, .l2 = 5e-4});
    state->learner->put();
    const auto stage = [state] {
      state->learner->stage({.bytes = state->images.data(), .count = batch}, {.values = state->labels.data()});
    };
    const bool ahead = state->learner->stages_ahead();
    if (ahead) stage();
    const auto once = [state, stage, ahead] {
      if (!ahead) stage();
      state->learner->launch({.class_weights = state->class_weights.data()});
      if (ahead) stage();  // the next batch goes up while this one is computed
      const core::StepResult result = state->learner->finish();
      if (!(result.loss > 0) || state->learner->update(0.01) == training::Updated::no)
        throw Error("the training step failed: its loss is ", result.loss);
    };
    once();
    return {calls, once};
  }

  static Workload inference(const std::string& name, int thread_count, const std::string& exchange) {
    struct State {
      Model<Net, Backend> model;
      std::vector<float> image, result;
    };
    auto state = std::shared_ptr<State>(new State{Model<Net, Backend>{{.seed = 1, .threads = thread_count}}, {}, {}});
    Model<Net, Backend>& model = state->model;
    if (exchange.empty()) {
      state->image = noise(std::size_t(input_shape<Net>.size()));
    } else {
      const std::vector<float> parameters =
          read_floats(exchange + "/street.parameters.f32", std::size_t(model.parameter_floats));
      const std::vector<float> buffers =
          read_floats(exchange + "/street.buffers.f32", std::size_t(model.buffer_floats));
      std::copy(parameters.begin(), parameters.end(), model.parameters().begin());
      std::copy(buffers.begin(), buffers.end(), model.buffers().begin());
      state->image = read_floats(exchange + "/" + name + ".image.f32", std::size_t(input_shape<Net>.size()));
    }
    state->result.resize(std::size_t(output_shape<Net>.size()));
    const auto once = [state] { state->model.predict({.floats = state->image.data(), .count = 1}, state->result); };
    for (int i = 0; i < 2; i++) once();
    if (!exchange.empty()) write_floats(exchange + "/strata." + name + ".f32", state->result);
    return {calls, once};
  }
};

}  // namespace strata::bench
