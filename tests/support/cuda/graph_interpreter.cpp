// SPDX-License-Identifier: MIT
#include "graph_interpreter.hpp"

#include "graph_executor.hpp"
#include "graph_json.hpp"
#include "recording_runtime.hpp"

#include <strata/core/error.hpp>

#include <cstdint>
#include <cstring>
#include <thread>

namespace strata::testing {

using namespace cuda;

namespace {

/// 1 at each offset, in elements from the first, at which the tensor has an element; 0 in gaps.
std::vector<char> elements(const GraphTensor& t) {
  std::vector<char> out(std::size_t(extent_bytes(t) / bytes_of(t.element)), 0);
  for (long n = 0; n < t.dims[0]; n++)
    for (long c = 0; c < t.dims[1]; c++)
      for (long h = 0; h < t.dims[2]; h++)
        for (long w = 0; w < t.dims[3]; w++)
          out[std::size_t(n * t.strides[0] + c * t.strides[1] + h * t.strides[2] + w * t.strides[3])] = 1;
  return out;
}

/// Whether two tensors share a byte. Channel slices of one tensor lie in each other's extent without sharing any.
bool share(const GraphTensor& a, const void* at_a, const GraphTensor& b, const void* at_b) {
  const char *pa = static_cast<const char*>(at_a), *pb = static_cast<const char*>(at_b);
  if (pa + extent_bytes(a) <= pb || pb + extent_bytes(b) <= pa) return false;
  const std::vector<char> in_a = elements(a), in_b = elements(b);
  const long size_a = bytes_of(a.element), size_b = bytes_of(b.element);
  for (std::size_t i = 0; i < in_b.size(); i++) {
    if (!in_b[i]) continue;
    for (long byte = 0; byte < size_b; byte++) {
      const long at = pb + long(i) * size_b + byte - pa;
      if (at >= 0 && at < long(in_a.size()) * size_a && in_a[std::size_t(at / size_a)]) return true;
    }
  }
  return false;
}

bool is_elementwise(const GraphDescription& graph) {
  for (const GraphOperation& o : graph.operations)
    if (o.op == GraphOp::convolution || o.op == GraphOp::input_gradient || o.op == GraphOp::weight_gradient ||
        o.op == GraphOp::statistics || o.op == GraphOp::reductions)
      return false;
  return true;
}

/// One call with a handle. Two at once are a violation.
class Call {
 public:
  explicit Call(Handle& handle) : handle_(handle), alone_(!handle.busy.exchange(true)) {
    if (!alone_) device::violation("a handle of cuDNN was used by two threads at once");
    std::this_thread::yield();  // another thread may come now
  }
  ~Call() {
    if (alone_) handle_.busy = false;
  }
  Call(const Call&) = delete;

 private:
  Handle& handle_;
  bool alone_;
};

class InterpretedPlan final : public GraphPlan {
 public:
  InterpretedPlan(std::shared_ptr<Handle> handle, GraphDescription graph, long workspace)
      : handle_(std::move(handle)),
        graph_(std::make_shared<const GraphDescription>(std::move(graph))),
        name_(work_name(*graph_)),
        workspace_(workspace) {}

  long workspace_bytes() const override { return workspace_; }
  std::string engine() const override { return "interpreter"; }

  void execute(void* const* tensors, void* workspace, Stream stream) override {
    handle_->stream = stream;
    const Call call(*handle_);
    std::vector<void*> memory(graph_->tensors.size(), nullptr);
    std::vector<device::Range> touches;
    for (std::size_t i = 0; i < memory.size(); i++) {
      const GraphTensor& t = graph_->tensors[i];
      if (t.flow == Flow::internal) continue;
      take(core::sentence("tensor ", i), tensors[i], extent_bytes(t), touches);
      memory[i] = tensors[i];
    }
    if (workspace_) take("the workspace", workspace, workspace_, touches);
    check_overlaps(memory, workspace);
    const auto body = [graph = graph_, memory, workspace, bytes = workspace_] {
      if (bytes) std::memset(workspace, 0xFF, std::size_t(bytes));
      testing::execute(*graph, memory.data());
    };
    if (!loaded_) check("load", device::load());
    loaded_ = true;
    check("execution", device::submit(handle_->stream, name_, body, std::move(touches)));
  }

 private:
  void check(const char* what, cudaError_t error) const {
    if (error != cudaSuccess)
      throw Error(what, " of plan ", name_, " failed: ", cudaGetErrorString(error),
                  "; start again from the last checkpoint");
  }
  void refuse(const std::string& what) const {
    device::violation(core::sentence(name_, " was given ", what));
    throw Error("plan ", name_, " was given ", what);
  }

  void take(const std::string& what, void* p, long bytes, std::vector<device::Range>& touches) const {
    if (!p) refuse(core::sentence("no memory for ", what));
    if (!device::is_device_memory(p)) refuse(core::sentence("host memory for ", what));
    if (reinterpret_cast<std::uintptr_t>(p) % 16)
      refuse(core::sentence("memory for ", what, " that is not aligned to 16 bytes"));
    touches.push_back({p, bytes});
  }

  void check_overlaps(const std::vector<void*>& memory, const void* workspace) const {
    const GraphTensor whole{{1, workspace_ / 4, 1, 1}, {1, 1, 1, 1}, Element::fp32, Flow::internal};
    for (std::size_t i = 0; i < memory.size(); i++) {
      const GraphTensor& a = graph_->tensors[i];
      if (!memory[i]) continue;
      if (workspace_ && share(whole, workspace, a, memory[i]))
        refuse(core::sentence("a workspace that overlaps tensor ", i));
      if (a.flow != Flow::output) continue;
      for (std::size_t k = 0; k < memory.size(); k++) {
        const GraphTensor& b = graph_->tensors[k];
        if (!memory[k] || k == i || (b.flow == Flow::output && k < i) || !share(a, memory[i], b, memory[k])) continue;
        const bool in_place = b.flow == Flow::input && memory[i] == memory[k] && a.dims == b.dims &&
                              a.strides == b.strides && a.element == b.element && is_elementwise(*graph_);
        if (!in_place) refuse(core::sentence("memory for output ", i, " that overlaps tensor ", k));
      }
    }
  }

  std::shared_ptr<Handle> handle_;
  std::shared_ptr<const GraphDescription> graph_;
  std::string name_;
  long workspace_;
  bool loaded_ = false;
};

}  // namespace

std::unique_ptr<GraphPlan> GraphInterpreter::build(const GraphDescription& graph, std::string& why) {
  const Call call(*handle_);
  GraphDescription given = options_.serialized ? read_graph_json(options_.serialized(graph), graph.compute) : graph;
  if (const std::string wrong = validation_error(given); !wrong.empty())
    throw Error("this is not a valid cuDNN graph: ", wrong, "; correct it");
  if (options_.refuses)
    if (const std::string reason = options_.refuses(graph); !reason.empty()) {
      why = reason;
      refused_.push_back(graph);
      return nullptr;
    }
  given.tensors.resize(graph.tensors.size());
  built_.push_back(graph);
  return std::make_unique<InterpretedPlan>(handle_, std::move(given), options_.workspace_bytes);
}

std::string work_name(const GraphDescription& graph) {
  std::string out = "cudnn ";
  for (std::size_t i = 0; i < graph.operations.size(); i++)
    out += (i ? "+" : "") + std::string(name(graph.operations[i].op));
  return out;
}

}  // namespace strata::testing
