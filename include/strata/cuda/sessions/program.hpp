// SPDX-License-Identifier: MIT
// A plan for a given batch size, ready for the device: for each segment the first form whose graphs have a plan there,
// with all pointers bound, launched in one stream. Launching allocates nothing and depends on no number in host memory
// that changes from step to step, so it can be captured once and replayed.
//
// The arena: [values: batch x frame elements][batch values: fixed floats][scratch of a form][workspace of its pieces].
#pragma once

#include <strata/cuda/kernels/own_kernels.hpp>
#include <strata/cuda/kernels/parameter_kernels.hpp>
#include <strata/cuda/planning/lower.hpp>
#include <strata/cuda/runtime/named_range.hpp>
#include <strata/cuda/sessions/reducer.hpp>
#include <strata/graph/op_traits.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace strata::cuda {

/// Memory outside the arena that a program works on: device memory, except functors and kept.
struct Bindings {
  std::vector<const void*> weights;  ///< by node, in the precision's element type; null: none
  std::vector<const float*> biases;  ///< by node; null: none
  const float* parameters = nullptr;
  float *buffers = nullptr, *gradients = nullptr;
  const StepNumbers* numbers = nullptr;
  /// What the loss of each head needs, in place of `numbers`, and where it writes its sums.
  struct OfHead {
    const StepNumbers* numbers = nullptr;
    const float* class_weights = nullptr;
    DeviceLabels labels{};
    DeviceLoss loss{};
    LossSums* sums = nullptr;
  } heads[graph::max_ports]{};
  const void* images[graph::max_ports] = {};  ///< by source
  unsigned images_are_bytes = 0;              ///< bit s: those of source s
  const DeviceFunctor* functors = nullptr;
  std::vector<unsigned char> kept{};        ///< by layer, as in StepOptions::kept; empty: none
  Reducer* reducer = nullptr;               ///< if several devices share the batch; null: this one has all of it
  const ParameterUpdate* update = nullptr;  ///< ends a step that is not only forward; null: none
};

/// The form chosen for a segment.
struct Choice {
  int node = -1, form = 0, forms = 1;
  std::string engine;   ///< of its pieces, joined by " + "; "own" for own kernels
  long workspace = 0;   ///< bytes
  std::string why_not;  ///< why the forms before it have no plan; empty if it is the first
};

/// How long a step of a program took on the device.
struct StepTime {
  int node = -1, form = 0;    ///< the form's number in its segment, from 0
  std::string_view engine{};  ///< cuDNN's name of the plan, or "own"
  float milliseconds = 0;
};

class DeviceProgram {
 public:
  /// Throws Error if not even a bare convolution has a plan.
  DeviceProgram(Library& library, const PlanView& plan, int batch, Precision precision)
      : plan_(plan), batch_(batch), precision_(precision) {
    for (Segment& segment : lower(plan, batch, precision)) take(library, segment);
  }

  int batch() const { return batch_; }
  long values_bytes() const { return values_bytes_of(batch_); }
  long arena_bytes() const { return values_bytes() + rounded_bytes(4 * plan_.fixed) + scratch_ + workspace_; }
  /// The bytes for `images` if their scratch and workspace were those of batch() images, of which fewer need less as a
  /// rule.
  long arena_bytes_of(int images) const { return arena_bytes() - values_bytes() + values_bytes_of(images); }
  /// Workspace of cuDNN and own kernels, known only once the device's library has built the plans.
  long workspace_bytes() const { return workspace_; }
  const std::vector<Choice>& choices() const { return choices_; }

  /// arena: arena_bytes() bytes of device memory, aligned to 256.
  void bind(unsigned char* arena, const Bindings& bindings) {
    arena_ = arena;
    bindings_ = bindings;
    for (Step& step : steps_) {
      step.pointers.clear();
      for (const Operand& o : step.piece.operands) step.pointers.push_back(address(o));
    }
  }

  /// Enqueues all launches in the stream; forward: only those up to the loss. An Error names the failed node.
  void launch(Stream stream, bool forward = false) const {
    each_step(
        stream, forward, [this](const Step& step) { return node_name(step); },
        [&](const Step& step) { enqueue(step, stream); });
    launch_update(stream, forward);
  }

  /// The same, but waits for each step before the next and keeps its time. An Error names the node, form and engine of
  /// the step that failed, be it at its launch or when it ran. Sums over several devices still run beside the steps.
  void launch_eagerly(Stream stream, bool forward = false) {
    if (!begun_) begun_ = make_timer(), ended_ = make_timer();
    times_.clear();
    wait(stream);  // a failure of what ran before is no step's
    each_step(
        stream, forward, [this](const Step& step) { return full_name(step); },
        [&](const Step& step) {
          const NamedRange range(full_name(step));
          StepTime time{.node = step.piece.node, .form = choices_[step.choice].form, .engine = step.engine};
          check(cudaEventRecord(begun_.get(), stream), "cudaEventRecord");
          enqueue(step, stream);
          check(cudaEventRecord(ended_.get(), stream), "cudaEventRecord");
          wait(stream);
          check(cudaEventElapsedTime(&time.milliseconds, begun_.get(), ended_.get()), "cudaEventElapsedTime");
          times_.push_back(time);
        });
    launch_update(stream, forward);
  }
  /// Of the last eager launch, in the order of the steps; empty: there was none.
  const std::vector<StepTime>& times() const { return times_; }

  void* value(int node) const {
    const graph::Place& place = plan_.places[node];
    if (place.storage == graph::Storage::none) return nullptr;
    if (place.storage == graph::Storage::fixed) return arena_ + values_bytes() + 4 * place.offset;
    return arena_ + batch_ * place.offset * bytes_of(precision_.element);
  }

 private:
  struct Step {
    Piece piece;
    std::unique_ptr<GraphPlan> graph;
    std::string engine;
    std::size_t choice;  ///< its form, in choices_
    std::vector<void*> pointers{};
  };

  void wait(Stream stream) const {
    if (bindings_.reducer) bindings_.reducer->wait(stream);  // the losses of all devices are summed among the steps
    else synchronize(stream);
  }

  /// Enqueues the update that ends the step, if any.
  void launch_update(Stream stream, bool forward) const {
    if (!bindings_.update || forward) return;
    ParameterUpdate last = *bindings_.update;
    last.stream = stream;
    run_update(last);
  }

  /// Calls visit(step) for each step to run, and tells the reducer what is final after it. An Error begins with
  /// name(step).
  template <class Name, class Visit>
  void each_step(Stream stream, bool forward, Name&& name, Visit&& visit) const {
    Reducer* const reducer = bindings_.reducer;
    if (reducer) reducer->begin(stream, bindings_.gradients);
    for (std::size_t i = 0; i < steps_.size(); i++) {
      const Step& step = steps_[i];
      const int node = step.piece.node;
      if (forward && node > loss_ && loss_ >= 0) break;
      try {
        visit(step);
        const bool is_last = i + 1 == steps_.size() || steps_[i + 1].piece.node != node;
        if (reducer && is_last) reducer->finished(learned_by(plan_.nodes[node]));
      } catch (const Error& error) {
        (void)cudaGetLastError();  // clears the error that a library's launch may have left
        const std::string said = core::sentence(name(step), ": ", error.what());
        if (dynamic_cast<const OutOfMemory*>(&error)) throw OutOfMemory(said);
        throw Error(said);
      }
    }
    if (reducer) reducer->end();
  }

  long values_bytes_of(int images) const { return rounded_bytes(images * plan_.frame * bytes_of(precision_.element)); }

  void enqueue(const Step& step, Stream stream) const {
    if (step.graph) step.graph->execute(step.pointers.data(), workspace(), stream);
    else run(step.piece, stream);
  }
  std::string node_name(const Step& step) const {
    return core::sentence("node ", step.piece.node, ", ", graph::name(plan_.nodes[step.piece.node].op));
  }
  std::string full_name(const Step& step) const {
    const Choice& choice = choices_[step.choice];
    return core::sentence(node_name(step), ", form ", choice.form + 1, " of ", choice.forms, ", ", step.engine);
  }

  void take(Library& library, Segment& segment) {
    if (plan_.nodes[segment.node].op == Op::loss) loss_ = segment.node;
    Choice choice{.node = segment.node, .forms = int(segment.forms.size()), .engine = {}, .why_not = {}};
    for (Form& form : segment.forms) {
      std::vector<Step> steps;
      if (build(library, form, steps, choice)) {
        scratch_ = std::max(scratch_, form.scratch_bytes);
        workspace_ = std::max(workspace_, choice.workspace);
        for (Step& step : steps) steps_.push_back(std::move(step));
        choices_.push_back(std::move(choice));
        return;
      }
      choice.form++;
    }
    const Node& node = plan_.nodes[segment.node];
    throw Error("CUDA: node ", segment.node, ", ", graph::name(node.op), ", has no plan in ", name(precision_), " for ",
                batch_, " images: ", choice.why_not, "; use another precision or the back end Cpu");
  }

  /// Builds the steps of the form. Returns whether every graph has a plan.
  bool build(Library& library, Form& form, std::vector<Step>& steps, Choice& choice) {
    choice.engine.clear();
    choice.workspace = 0;
    for (Piece& piece : form.pieces) {
      Step step{std::move(piece), nullptr, "own", choices_.size()};
      if (step.piece.work == Work::graph) {
        std::string why;
        step.graph = library.build(step.piece.graph, why);
        if (!step.graph) {
          choice.why_not += (choice.why_not.empty() ? "" : "; ") + why;
          return false;
        }
        choice.workspace = std::max(choice.workspace, step.graph->workspace_bytes());
        step.engine = step.graph->engine();
      } else {
        choice.workspace = std::max(choice.workspace, own_workspace(step.piece));
      }
      choice.engine += (choice.engine.empty() ? "" : " + ") + step.engine;
      steps.push_back(std::move(step));
    }
    return true;
  }

  long own_workspace(const Piece& piece) const {
    const Node& node = plan_.nodes[piece.node];
    switch (piece.work) {
      case Work::node: return rounded_bytes(cuda::workspace_bytes(node, precision_.element, batch_));
      case Work::epilogue: return rounded_bytes(epilogue_workspace_bytes(node, precision_.element, batch_));
      case Work::bias_gradient: return rounded_bytes(bias_gradient_workspace_bytes(node, batch_));
      default: return 0;
    }
  }

  unsigned char* scratch() const { return arena_ + values_bytes() + rounded_bytes(4 * plan_.fixed); }
  unsigned char* workspace() const { return scratch() + scratch_; }

  void* address(const Operand& o) const {
    switch (o.where) {
      case Operand::Where::nothing: return nullptr;
      case Operand::Where::value: return static_cast<unsigned char*>(value(o.node)) + o.offset;
      case Operand::Where::weights: return const_cast<void*>(bindings_.weights[std::size_t(o.node)]);
      case Operand::Where::bias: return const_cast<float*>(bindings_.biases[std::size_t(o.node)]);
      case Operand::Where::parameter: return const_cast<float*>(bindings_.parameters) + o.offset;
      case Operand::Where::gradient: return bindings_.gradients + o.offset;
      case Operand::Where::scratch: return scratch() + o.offset;
    }
    return nullptr;
  }

  Call call_of(const Piece& piece, Stream stream) const {
    const Node& node = plan_.nodes[piece.node];
    Call call;
    call.node = &node;
    call.element = precision_.element;
    call.batch = batch_;
    call.stream = stream;
    for (int k = 0; k < node.inputs.count; k++) {
      call.inputs.add(node.inputs.names[k], value(node.inputs[k]));
      call.shapes[k] = plan_.nodes[node.inputs[k]].out;
    }
    call.output = value(piece.node);
    call.workspace = workspace();
    call.parameters = bindings_.parameters;
    call.buffers = bindings_.buffers;
    call.gradients = bindings_.gradients;
    const Bindings::OfHead& head = bindings_.heads[node.op == Op::loss ? node.port : 0];
    call.numbers = node.op == Op::loss ? head.numbers : bindings_.numbers;
    call.class_weights = head.class_weights;
    call.images = bindings_.images[node.port];
    call.images_are_bytes = bindings_.images_are_bytes >> node.port & 1;
    call.labels = head.labels;
    call.loss = head.loss;
    call.sums = head.sums;
    call.functors = bindings_.functors;
    call.kept = bindings_.kept.empty() ? nullptr : bindings_.kept.data();
    call.sharing = bindings_.reducer;
    return call;
  }

  void run(const Piece& piece, Stream stream) const {
    const Call call = call_of(piece, stream);
    const auto floats = [&](const Operand& o) { return static_cast<float*>(address(o)); };
    const int channels = call.node->in.channels;
    switch (piece.work) {
      case Work::graph: break;
      case Work::node: run_kernel(call); break;
      case Work::coefficients:
        run_prologue_coefficients(call, address(piece.to), floats(piece.to) + rounded_bytes(4L * channels) / 4);
        break;
      case Work::prologue: run_prologue(call, address(piece.to)); break;
      case Work::epilogue:
        run_epilogue(call, address(piece.from), {.bias = bindings_.biases[std::size_t(piece.node)]});
        break;
      case Work::functor: run_functor(call); break;
      case Work::join: run_join(call, address(piece.from)); break;
      case Work::keep_reductions: run_keep_reductions(call); break;
      case Work::finish_statistics:
        run_finish_statistics(call, floats(piece.from), floats(piece.from) + rounded_bytes(4L * channels) / 4);
        break;
      case Work::bias_gradient: run_bias_gradient(call); break;
      case Work::widen_gradient:
        run_widen(call.stream, precision_.element, weight_order(*call.node).size(), address(piece.from),
                  floats(piece.to));
        break;
    }
  }

  PlanView plan_;
  int batch_;
  Precision precision_;
  std::vector<Step> steps_;
  std::vector<Choice> choices_;
  Bindings bindings_;
  unsigned char* arena_ = nullptr;
  long scratch_ = 0, workspace_ = 0;
  int loss_ = -1;
  OwnedEvent begun_, ended_;  ///< of the step that runs eagerly
  std::vector<StepTime> times_;
};

}  // namespace strata::cuda
