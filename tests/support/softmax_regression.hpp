// SPDX-License-Identifier: MIT
// A back end of a few lines, for tests of the code above back ends: dense + softmax in double, for networks
// <Image, [BatchNorm,] Dense, Softmax>. A batch norm is not applied; only its running means move, so that a test can
// see the momentum. Results do not depend on the number of threads.
#pragma once

#include <cmath>
#include <strata/core/samples/views.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/graph/lower.hpp>
#include <vector>

namespace strata::testing {

struct SoftmaxRegression {
  static inline int steps = 0, largest_batch = 0;  ///< read by the tests
  static inline core::StepOptions last{};
  static inline int poison = -1;  ///< the number of the step whose loss is NaN

  template <class Net>
  struct Numbers {
    static constexpr auto& net = graph::lowered<Net>;
    static constexpr Shape in = net.graph.nodes[0].out;
    static constexpr int classes = net.graph.nodes[net.graph.result].out.channels;
    static constexpr const graph::Tensor& weights = net.parameters[net.parameter_count - 2];
    static constexpr const graph::Tensor& bias = net.parameters[net.parameter_count - 1];

    static std::vector<double> pixels(const Images& images, int i, const float* buffers) {
      std::vector<double> x(std::size_t(in.size()));
      for (int p = 0; p < in.pixels(); p++)
        for (int c = 0; c < in.channels; c++) {
          const long at = images.row(i) * in.size() + long(p) * in.channels + c;
          const double raw = images.bytes ? double(images.bytes[at]) : double(images.floats[at]);
          x[std::size_t(c) * in.pixels() + p] = double(buffers[c]) * raw + double(buffers[in.channels + c]);
        }
      return x;
    }
    static std::vector<double> probabilities(const std::vector<double>& x, const float* parameters) {
      std::vector<double> p(classes);
      double sum = 0, top = -HUGE_VAL;
      for (int k = 0; k < classes; k++) {
        double s = double(parameters[bias.offset + k]);
        for (std::size_t j = 0; j < x.size(); j++) s += double(parameters[weights.offset + k * x.size() + j]) * x[j];
        p[k] = s;
        top = s > top ? s : top;
      }
      for (double& value : p) sum += value = std::exp(value - top);
      for (double& value : p) value /= sum;
      return p;
    }
  };

  template <class Net>
  class Inference : Numbers<Net> {
   public:
    Inference(int, core::Workers&) {}
    void load(const float* parameters, const float* buffers) {
      parameters_.assign(parameters, parameters + graph::lowered<Net>.parameter_floats);
      buffers_.assign(buffers, buffers + graph::lowered<Net>.buffer_floats);
    }
    void run(Images images, float* result) noexcept {
      for (int i = 0; i < images.count; i++)
        for (double p : this->probabilities(this->pixels(images, i, buffers_.data()), parameters_.data()))
          *result++ = float(p);
    }

   private:
    std::vector<float> parameters_, buffers_;
  };

  template <class Net>
  class Training : Numbers<Net> {
   public:
    using N = Numbers<Net>;
    Training(int max_batch, core::Workers&) { largest_batch = max_batch; }
    core::StepResult step(const float* parameters, float* buffers, Images images, Labels labels, float* gradients,
                          core::StepOptions options) noexcept {
      last = options;
      core::StepResult out;
      std::vector<double> sums(std::size_t(graph::lowered<Net>.parameter_floats));
      move_statistics(buffers, images, options);
      const core::LabelSums counts = sum_labels(labels, images.count, 1, N::classes, options.class_weights);
      out.counted = counts.counted, out.weight = counts.weight;
      const double scale = loss_scale(options, images.count, labels, 1, N::classes);
      for (int i = 0; i < images.count; i++) {
        const int label = labels.values[labels.row(i)];
        if (label < 0) continue;
        const std::vector<double> x = this->pixels(images, i, buffers), p = this->probabilities(x, parameters);
        int best = 0;
        for (int k = 1; k < N::classes; k++) best = p[k] > p[best] ? k : best;
        out.correct += best == label;
        const double weight = options.class_weights ? double(options.class_weights[label]) : 1;
        out.loss -= weight * std::log(p[label] > 1e-300 ? p[label] : 1e-300);
        for (int k = 0; k < N::classes; k++) {
          const double d = (p[k] - (k == label)) * scale * weight;
          sums[N::bias.offset + k] += d;
          for (std::size_t j = 0; j < x.size(); j++) sums[N::weights.offset + k * x.size() + j] += d * x[j];
        }
      }
      if (options.backward)
        for (std::size_t i = 0; i < sums.size(); i++)
          gradients[i] = float(sums[i]) + (options.accumulate ? gradients[i] : 0.f);
      if (steps++ == poison) out.loss = NAN;
      return out;
    }

   private:
    static void move_statistics(float* buffers, const Images& images, const core::StepOptions& options) {
      constexpr int channels = N::in.channels;
      if (graph::lowered<Net>.buffer_floats <= 2 * channels) return;
      const double momentum = options.momentum < 0 ? 0.1 : options.momentum;
      for (int c = 0; c < channels; c++) {
        double sum = 0;
        for (int i = 0; i < images.count; i++) {
          const std::vector<double> x = N::pixels(images, i, buffers);
          for (int p = 0; p < N::in.pixels(); p++) sum += x[std::size_t(c) * N::in.pixels() + p];
        }
        float& running = buffers[2 * channels + c];
        running =
            float((1 - momentum) * double(running) + momentum * sum / double(long(images.count) * N::in.pixels()));
      }
    }
  };
};

}  // namespace strata::testing
