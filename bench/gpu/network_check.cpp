// SPDX-License-Identifier: MIT
#include "network_check.hpp"

#include <strata/cuda/sessions/training.hpp>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "../../tests/support/tolerance.hpp"
#include "checked_library.hpp"
#include "reports.hpp"

using namespace strata;
using namespace strata::cuda;

namespace gpu_check {

namespace {

/// How far a result may be off: the roundings of the layers add up. Where a value comes so near to the kink of a ReLU
/// or a pool that a rounding may cross it, gradients differ for good reason: a wrong formula is further off still.
struct Tolerance {
  double bound, near_kink;
  static constexpr double bound_near_kinks = 0.5;
};
Tolerance tolerance(const Precision& p) {
  if (p.element == Element::bf16) return {0.25, 2e-2};
  if (p.element == Element::fp16 || p.compute == Compute::tf32) return {4e-2, 2e-3};
  return {1e-4, 1e-5};
}

/// What a run computes: of inference only the result.
struct Outcome {
  std::vector<float> result, gradients, buffers;
  core::StepResult sums{};
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}
bool same_bits(const Outcome& a, const Outcome& b) {
  return same_bits(a.result, b.result) && same_bits(a.gradients, b.gradients) && same_bits(a.buffers, b.buffers) &&
         a.sums.loss == b.sums.loss && a.sums.correct == b.sums.correct && a.sums.counted == b.sums.counted;
}

/// The norm of the difference, relative to that of `expected`; infinite where a number is not finite.
double norm_error(const float* given, const float* expected, long count, double least) {
  double off = 0, all = 0;
  for (long i = 0; i < count; i++) {
    off += (double(given[i]) - double(expected[i])) * (double(given[i]) - double(expected[i]));
    all += double(expected[i]) * double(expected[i]);
  }
  const double error = std::sqrt(off) / std::fmax(std::sqrt(all), least);
  return error <= HUGE_VAL ? error : HUGE_VAL;
}
double norm(const float* values, long count) {
  double all = 0;
  for (long i = 0; i < count; i++) all += double(values[i]) * double(values[i]);
  return std::sqrt(all);
}

/// The largest of several errors, and what it is the error of.
struct Largest {
  double error = 0;
  std::string of{};
  void add(double e, const std::string& what) {
    if (!(e <= error)) error = e, of = what;
  }
};

/// Gradients are compared layer by layer, since those before a batch norm may be zero up to rounding: relative to the
/// layer's, or to a hundredth of all.
Largest errors_of(const reference::TensorTable& table, const Outcome& given, const Outcome& expected) {
  Largest most;
  const auto size = [](const std::vector<float>& v) { return long(v.size()); };
  if (!expected.result.empty())
    most.add(norm_error(given.result.data(), expected.result.data(), size(expected.result), 1e-30), "the result");
  if (expected.gradients.empty()) return most;
  most.add(std::fabs(given.sums.loss - expected.sums.loss) / (1 + std::fabs(expected.sums.loss)), "the loss");
  if (given.sums.counted != expected.sums.counted) most.add(HUGE_VAL, "the number of labels");
  if (size(expected.buffers) > 0)
    most.add(norm_error(given.buffers.data(), expected.buffers.data(), size(expected.buffers), 1e-30),
             "running statistics");
  const double least = 1e-2 * norm(expected.gradients.data(), size(expected.gradients));
  for (int t = 0; t < table.parameter_count; t++) {
    const graph::Tensor& tensor = table.parameters[t];
    double of_layer = least;
    for (int other = 0; other < table.parameter_count; other++)
      if (table.parameters[other].layer == tensor.layer)
        of_layer = std::fmax(
            of_layer, norm(expected.gradients.data() + table.parameters[other].offset, table.parameters[other].size));
    most.add(norm_error(given.gradients.data() + tensor.offset, expected.gradients.data() + tensor.offset, tensor.size,
                        of_layer),
             core::sentence("the gradient of tensor ", t, " (", graph::leaf_name(tensor.role), ")"));
  }
  return most;
}

/// One network, precision and direction.
class NetworkCheck {
 public:
  NetworkCheck(std::string name, const Network& network, Precision precision, Direction direction)
      : name_(std::move(name)),
        network_(network),
        precision_(precision),
        direction_(direction),
        tolerance_(tolerance(precision)),
        data_(reference::smooth_data(network.net, network.tensors, images, tolerance_.near_kink,
                                     direction == Direction::training ? 60 : 1)) {
    if (direction == Direction::inference) {
      reference::DeclaredInference oracle(network.net);
      oracle.load(data_.parameters.data(), data_.buffers.data());
      expected_.result.resize(std::size_t(images * network.tensors.result_floats()));
      oracle.run(data_.image_view(), expected_.result.data());
    } else {
      reference::DeclaredTraining oracle(network.net);
      expected_.buffers = data_.buffers;
      expected_.gradients.resize(data_.parameters.size());
      expected_.sums = oracle.step(data_.parameters.data(), expected_.buffers.data(), data_.image_view(),
                                   data_.label_view(), expected_.gradients.data(), {.seed = 5});
      if (values_near_kinks() > 0) tolerance_.bound = Tolerance::bound_near_kinks;
    }
  }

  void run() {
    const Subject& subject = direction_ == Direction::inference ? network_.inference : network_.training;
    Subject by_node = subject;
    by_node.whole = nullptr;
    segments_ = lower(by_node.plan, images, precision_);

    ::setenv("STRATA_CUDA_EAGER", "1", 1);
    std::vector<StepTime> times;
    std::optional<Comparison> comparison(std::in_place);
    (void)outcome(by_node, times);
    const std::vector<GraphError> graphs = comparison->errors();
    comparison.reset();
    const Outcome eager = outcome(by_node, times);  // its times contain no comparison
    const Largest off = errors_of(network_.tensors, eager, expected_);
    const bool good = off.error <= tolerance_.bound;
    send_nodes(by_node.plan, times, graphs, off, good);
    send_line({good ? Verdict::pass : Verdict::fail, off.error, name_ + ", eager: all nodes",
               good ? "" : off.of + ", bound " + core::general(tolerance_.bound, 2) + ", of " + network_.spelling});

    ::setenv("STRATA_CUDA_EAGER", "0", 1);
    send_captured(by_node, eager);
    if (subject.whole && precision_ == Precision{Element::fp32, Compute::fp32}) send_whole(subject);
  }

 private:
  long values_near_kinks() const {
    reference::Tape tape(network_.net, images);
    const reference::Doubles parameters(data_.parameters.begin(), data_.parameters.end());
    reference::Doubles buffers(data_.buffers.begin(), data_.buffers.end());
    reference::read(tape, data_.image_view(), buffers.data());
    tape.forward(parameters.data(), buffers.data(), {.mode = graph::Mode::training, .seed = 5});
    return reference::kinks(tape, tolerance_.near_kink);
  }

  /// Two runs, of which the second one must not depend on the first, or is a replay.
  Outcome outcome(const Subject& subject, std::vector<StepTime>& times) {
    Outcome out;
    if (direction_ == Direction::inference) {
      InferenceSession session(subject, precision_, images);
      session.load(data_.parameters.data(), data_.buffers.data());
      out.result.resize(expected_.result.size());
      for (int repeat = 0; repeat < 2; repeat++) session.run(data_.image_view(), out.result.data());
      times.assign(session.times().begin(), session.times().end());
      own_engines(times);
      return out;
    }
    const double factor = precision_.scales_loss ? 1024 : 1;
    TrainingSession session(subject, precision_, {.images = images});
    out.buffers = data_.buffers;
    out.gradients.resize(data_.parameters.size());
    for (int repeat = 0; repeat < 2; repeat++) {
      session.put(data_.parameters.data(), data_.buffers.data());
      session.stage(data_.image_view(), data_.label_view());
      session.launch({.seed = 5}, factor);
      out.sums = session.finish();
    }
    session.fetch_buffers(out.buffers.data());
    session.fetch_gradients(out.gradients.data());
    for (float& g : out.gradients) g /= float(factor);
    times.assign(session.times().begin(), session.times().end());
    own_engines(times);
    return out;
  }
  /// The names of engines outlive the session.
  void own_engines(std::vector<StepTime>& times) {
    engines_.clear();
    for (const StepTime& t : times) engines_.emplace_back(t.engine);
    for (std::size_t i = 0; i < times.size(); i++) times[i].engine = engines_[i];
  }

  /// A line for each segment. `graphs`: the errors of its cuDNN graphs, of two runs, in their order. Own kernels are
  /// judged by the result.
  void send_nodes(const PlanView& plan, const std::vector<StepTime>& times, const std::vector<GraphError>& graphs,
                  const Largest& off, bool good) const {
    std::size_t step = 0, graph = 0;
    const std::size_t of_one_run = graphs.size() / 2;
    for (const Segment& segment : segments_) {
      if (step == times.size()) break;
      const std::size_t form = std::size_t(times[step].form);
      const std::vector<Piece>& pieces = segment.forms[form].pieces;
      std::string engines;
      double milliseconds = 0, error = -1, bound = 0;
      for (const Piece& piece : pieces) {
        const StepTime& time = times[step++];
        engines += (engines.empty() ? "" : " + ") + std::string(time.engine);
        milliseconds += double(time.milliseconds);
        if (piece.work != Work::graph) continue;
        for (const std::size_t run : {std::size_t(0), of_one_run})
          if (graphs[graph + run].error > error) error = graphs[graph + run].error, bound = graphs[graph + run].bound;
        graph++;
      }
      Line line;
      line.what = core::sentence(name_, ", eager: node ", segment.node, ", ", graph::name(plan.nodes[segment.node].op),
                                 ", form ", form + 1, " of ", segment.forms.size(), " (", to_text(segment.forms[form]),
                                 "), ", engines, ", ", core::general(milliseconds, 3), " ms");
      line.error = error;
      if (error > bound) {
        line.verdict = Verdict::fail;
        line.why = "bound " + core::general(bound, 2);
      } else if (error < 0 && !good) {  // nothing but own kernels
        line.verdict = Verdict::fail;
        line.error = off.error;
        line.why = "the fault may be in another of these kernels: " + off.of;
      }
      send_line(line);
    }
  }

  void send_captured(const Subject& by_node, const Outcome& eager) {
    send_doing(name_ + ", captured");
    std::vector<StepTime> none;
    const Outcome captured = outcome(by_node, none);
    const Largest off = errors_of(network_.tensors, captured, expected_);
    Line line{Verdict::pass, off.error,
              core::sentence(name_, ", captured: all nodes, in these forms, by these engines")};
    if (!same_bits(captured, eager)) line.verdict = Verdict::fail, line.why = "other bits than the eager run";
    if (!(off.error <= tolerance_.bound)) line.verdict = Verdict::fail, line.why = off.of;
    send_line(line);
  }

  void send_whole(const Subject& subject) {
    send_doing(name_ + ", the whole network as one kernel");
    std::vector<StepTime> none;
    const Largest off = errors_of(network_.tensors, outcome(subject, none), expected_);
    const bool good = off.error <= tolerance_.bound;
    send_line({good ? Verdict::pass : Verdict::fail, off.error, name_ + ", captured: all nodes, one kernel, own",
               good ? "" : off.of});
  }

  std::string name_;
  const Network& network_;
  Precision precision_;
  Direction direction_;
  Tolerance tolerance_;
  reference::RandomData data_;
  Outcome expected_;
  std::vector<Segment> segments_;
  std::vector<std::string> engines_;
};

}  // namespace

void check_network(const std::string& name, const Network& network, Precision precision, Direction direction) {
  NetworkCheck(name, network, precision, direction).run();
}

}  // namespace gpu_check
