// SPDX-License-Identifier: MIT
// The definitions of cudnn_library.hpp, to be included by exactly one .cpp of a program. Needs the target
// strata::cudnn: the headers of cuDNN and its front end, and the CUDA runtime to link.
//
// A plan is looked up on disk first; otherwise the front end's heuristics (mode A, then fallbacks) propose plans. The
// first that builds is used or, where plans are kept and the device is present, the fastest of the first few. For a
// graph that cuDNN does not support, build() returns null and the reason; an invalid graph, or a failure when a plan
// runs, throws Error.
#pragma once

#include <strata/cuda/cudnn/cudnn_library.hpp>
#include <strata/cuda/cudnn/graph.hpp>
#include <strata/cuda/cudnn/load.hpp>
#include <strata/cuda/cudnn/plan_files.hpp>
#include <strata/cuda/cudnn/plan_trial.hpp>

#include <exception>
#include <unordered_map>

#if defined(NV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING)
namespace cudnn_frontend {
/// The front end leaves the definition to the program. Weak: a program that uses the front end itself has its own.
[[gnu::weak]] void* cudnn_dlhandle = nullptr;
}  // namespace cudnn_frontend
#endif

namespace strata::cuda {

namespace cudnn {

/// The device that plans are made for: the current one, by cuDNN's handle, or a described one.
struct Target {
  cudnnHandle_t handle = nullptr;
  std::shared_ptr<fe::DeviceProperties> described;
  std::string name;
  int sm = 0, processors = 0;

  Target() = default;
  Target(const Target&) = delete;
  ~Target() {
    if (handle) fe::detail::destroy_handle(handle);
  }
  void set(Graph& graph) const {
    graph.set_sm_version(sm);
    if (described) graph.set_sm_count(processors).set_device_properties(described);
  }
};

inline void check_runtime(const char* call, cudaError_t status) {
  if (status != cudaSuccess)
    throw Error(call, " failed: ", cudaGetErrorString(status),
                "; check that nvidia-smi lists the GPU and that its driver is as recent as CUDA ",
                CUDART_VERSION / 1000);
}
inline void check(const char* call, cudnnStatus_t status) {
  if (status != CUDNN_STATUS_SUCCESS)
    throw Error(call, " failed: ", fe::detail::get_error_string(status), ", ",
                one_line(fe::detail::get_last_error_string_()), "; check that cuDNN ",
                fe::detail::get_backend_version_string(), " supports the driver and the GPU");
}

inline std::shared_ptr<Target> present_device() {
  load();
  int device = 0, major = 0, minor = 0;
  cudaDeviceProp properties{};
  check_runtime("cudaGetDevice", cudaGetDevice(&device));
  check_runtime("cudaGetDeviceProperties", cudaGetDeviceProperties(&properties, device));
  major = properties.major, minor = properties.minor;
  auto target = std::make_shared<Target>();
  target->name = properties.name;
  target->sm = major * 10 + minor;
  target->processors = properties.multiProcessorCount;
  check("cudnnCreate", fe::detail::create_handle(&target->handle));
  return target;
}

inline std::shared_ptr<Target> described_device(const DeviceDescription& d) {
  load();
  auto target = std::make_shared<Target>();
  target->name = d.name;
  target->sm = d.sm;
  target->processors = d.processors;
  target->described = std::make_shared<fe::DeviceProperties>();
  const std::string text = json(d);
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  bytes.push_back(0);
  if (fe::error_t status = target->described->deserialize(bytes); status.is_bad())
    throw Error("cuDNN ", fe::detail::get_backend_version_string(), " rejects the description of ", d.name, ": ",
                one_line(status.get_message()),
                "; descriptions need cuDNN 9.8 or later and a library named libcuda.so.1");
  return target;
}

/// The memory of a graph's tensors as the front end wants it, by uid; internal ones have none.
using Pointers = std::unordered_map<std::int64_t, void*>;

inline Pointers pointers_to(const std::vector<int>& stored, void* const* tensors) {
  Pointers pointers;
  for (const int i : stored) pointers.emplace(i, tensors[i]);
  return pointers;
}

inline std::vector<int> stored_tensors(const GraphDescription& description) {
  std::vector<int> stored;
  for (std::size_t i = 0; i < description.tensors.size(); i++)
    if (description.tensors[i].flow != Flow::internal) stored.push_back(int(i));
  return stored;
}

class Plan final : public GraphPlan {
 public:
  Plan(std::shared_ptr<Target> target, std::shared_ptr<Graph> graph, std::string engine,
       const GraphDescription& description)
      : target_(std::move(target)),
        graph_(std::move(graph)),
        engine_(std::move(engine)),
        stored_(stored_tensors(description)) {
    if (fe::error_t status = graph_->get_workspace_size(workspace_); status.is_bad())
      throw Error("cuDNN does not report the workspace of plan ", engine_, ": ", one_line(status.get_message()),
                  "; report this with the version of cuDNN, ", fe::detail::get_backend_version_string());
  }

  long workspace_bytes() const override { return long(workspace_); }
  std::string engine() const override { return engine_; }

  void execute(void* const* tensors, void* workspace, Stream stream) override {
    if (!target_->handle)
      throw Error("plan ", engine_, " was built for the description of ", target_->name,
                  " and cannot run; call cudnn_library() for "
                  "the current device");
    for (const int i : stored_)
      if (!tensors[i])
        throw Error("plan ", engine_, " was given no memory for tensor ", i, "; bind memory to every stored tensor");
    Pointers pointers = pointers_to(stored_, tensors);
    check("cudnnSetStream", fe::detail::set_stream(target_->handle, stream));
    if (fe::error_t status = graph_->execute(target_->handle, pointers, workspace); status.is_bad())
      throw Error("cudnnBackendExecute of plan ", engine_, " failed: ", one_line(status.get_message()),
                  "; if the device was lost, start again from the last checkpoint");
  }

 private:
  std::shared_ptr<Target> target_;
  std::shared_ptr<Graph> graph_;
  std::string engine_;
  std::int64_t workspace_ = 0;
  std::vector<int> stored_;
};

class CudnnLibrary final : public Library {
 public:
  CudnnLibrary(std::shared_ptr<Target> target, const std::string& plan_folder)
      : target_(std::move(target)), files_(plan_folder) {}

  std::unique_ptr<GraphPlan> build(const GraphDescription& description, std::string& why) override {
    const std::shared_ptr<Graph> graph = GraphWriter(description).graph();
    const std::string key = key_of(description);
    try {
      std::unique_ptr<GraphPlan> plan;
      if (is_known(key, description, plan, why)) return plan;
      target_->set(*graph);
      std::string notes = core::sentence("driver ", driver_version());
      fe::error_t status = search(*graph, description, notes);
      if (status.is_good()) {
        if (is_known(key, description, plan, why) && plan) return plan;  // another process was first: all use the same
        return keep(key, graph, description, notes);
      }
      why = one_line(status.get_message());
      if (is_lasting(why)) files_.keep(key, {.engine = {}, .notes = why, .plan = {}});
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {  // the front end's own, e.g. for a function that this cuDNN lacks
      why = one_line(error.what());
    }
    return nullptr;
  }

 private:
  /// Whether another try would end alike: not where a library is missing that compiles kernels.
  static bool is_lasting(const std::string& why) {
    return why.rfind("CUDNN_STATUS_NOT_SUPPORTED", 0) == 0 && why.find("PREREQUISITE") == why.npos;
  }

  std::string key_of(const GraphDescription& description) const {
    return core::sentence(serialized(description), "\ntf32 ", int(description.compute == Compute::tf32), "\n",
                          target_->name, ", sm ", target_->sm, ", ", target_->processors, " processors\ncuDNN ",
                          fe::detail::get_backend_version_string());
  }

  static int driver_version() {
    int version = 0;
    (void)cudaDriverGetVersion(&version);
    return version;
  }

  /// Leaves the chosen plan in the graph; adds to the notes how long it took, if it was timed.
  fe::error_t search(Graph& graph, const GraphDescription& description, std::string& notes) const {
    fe::error_t status = target_->handle ? graph.build_operation_graph(target_->handle) : graph.build_operation_graph();
    if (status.is_good()) status = graph.create_execution_plans({fe::HeurMode_t::A, fe::HeurMode_t::FALLBACK});
    if (status.is_bad()) return status;
    // On fp32 tensors, an engine with the tensor-core note rounds to TF32. On Ampere and Hopper, the engines without it
    // are those that cuDNN offers under NVIDIA_TF32_OVERRIDE=0, which would apply to the whole process.
    std::vector<fe::NumericalNote_t> unwanted{fe::NumericalNote_t::NONDETERMINISTIC};
    if (description.compute == Compute::fp32 && multiplies_fp32(description))
      for (const auto note : {fe::NumericalNote_t::TENSOR_CORE, fe::NumericalNote_t::DOWN_CONVERT_INPUTS})
        unwanted.push_back(note);
    graph.deselect_numeric_notes(unwanted);
    status = graph.check_support();
    if (status.is_good() && !build_fastest(graph, description, notes)) status = graph.build_plans();
    if (status.is_bad() && status.get_message().find("Deselecting execution plan\n") != std::string::npos)
      status.err_msg = unwanted.size() > 1 ? "no plan that builds avoids tensor cores and gives the same sums each time"
                                           : "no plan that builds gives the same sums each time";
    return status;
  }

  /// Whether plans were timed; then the fastest is the graph's.
  bool build_fastest(Graph& graph, const GraphDescription& description, std::string& notes) const {
    if (!target_->handle || !files_.keeps()) return false;
    constexpr int most = 3;  // each takes up to a second to compile
    TimedPlan best;
    try {
      PlanTrial trial(description);
      const std::vector<int> stored = stored_tensors(description);
      const auto time = [&](int i) -> std::optional<float> {
        if (graph.build_plan_at_index(i).is_bad()) return {};
        const auto run = [&](void* const* tensors, void* workspace, Stream stream) {
          Pointers pointers = pointers_to(stored, tensors);
          check("cudnnSetStream", fe::detail::set_stream(target_->handle, stream));
          return graph.execute_plan_at_index(target_->handle, pointers, workspace, i).is_good();
        };
        return trial.milliseconds(graph.get_workspace_size_plan_at_index(i), run);
      };
      best = fastest_plan(int(graph.get_execution_plan_count()), most, time);
    } catch (const Error&) {  // no room for a trial
    }
    check("cudnnSetStream", fe::detail::set_stream(target_->handle, nullptr));  // the trial's stream is gone
    if (best.plan < 0 || graph.build_plan_at_index(best.plan).is_bad()) return false;
    notes += core::sentence("; ", best.milliseconds, " ms, the fastest of ", best.tried);
    return true;
  }

  /// Whether an earlier search is kept: its plan, or that it found none, and `why`.
  bool is_known(const std::string& key, const GraphDescription& description, std::unique_ptr<GraphPlan>& plan,
                std::string& why) const {
    const std::optional<StoredPlan> stored = files_.find(key);
    if (!stored) return false;
    if (stored->plan.empty()) {
      why = stored->notes;
      return true;
    }
    auto graph = std::make_shared<Graph>();
    target_->set(*graph);
    fe::error_t status;
    try {
      status = target_->handle ? graph->deserialize(target_->handle, stored->plan, false, true)
                               : graph->deserialize(stored->plan);
    } catch (const std::exception&) {  // intact, but written by another version of the front end
      status = {fe::error_code_t::INVALID_VALUE, ""};
    }
    if (status.is_good()) plan = std::make_unique<Plan>(target_, std::move(graph), stored->engine, description);
    else files_.drop(key);
    return bool(plan);
  }

  std::unique_ptr<GraphPlan> keep(const std::string& key, const std::shared_ptr<Graph>& graph,
                                  const GraphDescription& description, std::string notes) const {
    StoredPlan stored;
    stored.notes = std::move(notes);
    if (graph->get_plan_name(stored.engine).is_bad()) stored.engine = "unnamed";
    if (graph->serialize(stored.plan, false).is_good()) files_.keep(key, stored);
    if (target_->handle && graph->warmup(target_->handle).is_bad()) (void)cudaGetLastError();
    return std::make_unique<Plan>(target_, graph, stored.engine, description);
  }

  std::shared_ptr<Target> target_;
  PlanFiles files_;
};

}  // namespace cudnn

std::unique_ptr<Library> cudnn_library(const std::string& plan_folder) {
  return std::make_unique<cudnn::CudnnLibrary>(cudnn::present_device(), plan_folder);
}

std::unique_ptr<Library> cudnn_library(const DeviceDescription& device, const std::string& plan_folder) {
  return std::make_unique<cudnn::CudnnLibrary>(cudnn::described_device(device), plan_folder);
}

std::string serialized(const GraphDescription& graph) {
  cudnn::load();
  nlohmann::json out;
  static_cast<const cudnn::fe::graph::INode&>(*cudnn::GraphWriter(graph).graph()).serialize(out);
  out.erase("gid");  // depends on the process, not on the graph
  return out.dump();
}

std::string cudnn_version() {
  cudnn::load();
  return cudnn::fe::detail::get_backend_version_string();
}

}  // namespace strata::cuda
