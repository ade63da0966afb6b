// SPDX-License-Identifier: MIT
// Eager mode: no graph is captured, the results are the same bits, each step has its time and its name in a profiler,
// and what fails while it runs is named, although a launch succeeds whatever its kernel will do.
#include <strata/cuda.hpp>
#include <strata/cuda/runtime/eager.hpp>

#include "../../support/cuda/own_machine.hpp"
#include "../../support/cuda_backend.hpp"
#include "../../support/digit_set.hpp"
#include "../../support/refusal.hpp"

#include <cstdlib>
#include <functional>

namespace cuda_runtime_eager {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Digits<4, 4, 8>;
using Half = CudaWith<Fp16>;

void set_eager(bool on) { ::setenv("STRATA_CUDA_EAGER", on ? "1" : "0", 1); }

/// Parameters after some updates in micro-batches, the last one partial, with validations; then a prediction.
std::string bits_of_training(bool eagerly) {
  return on_own_machine({.order = device::Order::shuffled}, [&] {
    set_eager(eagerly);
    struct {
      Dataset train = digit_set(21, 10), validation = digit_set(5, 11);
    } set;
    TrainOptions options;
    options.epochs = 2, options.batch = 8, options.micro_batch = 3, options.optimizer = Adam{.rate = 1e-3};
    options.validation.every = 1;
    Model<Net, Half> model{{.seed = 1, .threads = 1}};
    train(model, set, options);
    const Floats given = model.predict(digit_set(4, 12).images());
    const bool captured = device::log().captures > 0 || device::log().instantiations > 0;
    if (captured == eagerly) throw Error(device::log().captures, " captures");
    if (const auto& violations = device::log().violations; !violations.empty()) throw Error(violations.front());
    std::string bits(reinterpret_cast<const char*>(model.parameters().data()), model.parameters().size_bytes());
    return bits.append(reinterpret_cast<const char*>(given.data()), sizeof(float) * given.size());
  });
}

/// A training session and an inference session of a network, in fp32, node by node.
struct Sessions {
  Workers one{1};
  Gpu::Training<Net> training{4, one};
  Gpu::Inference<Net> inference{4, one};
  reference::RandomData data = reference::draw_data(graph::lowered<Net>, 4, 7);
  Floats gradients = Floats(std::size_t(Model<Net>::parameter_floats)), result = Floats(4 * 10);

  void step(bool backward = true) {
    core::StepOptions options;
    options.backward = backward;
    training.step(data.parameters.data(), data.buffers.data(), data.image_view(), data.label_view(), gradients.data(),
                  options);
  }
  void infer() {
    inference.load(data.parameters.data(), data.buffers.data());
    inference.run(data.image_view(), result.data());
  }
};

std::vector<std::string> ranges;  ///< their names, in order
int depth = 0;                    ///< of the ranges that are open
int push(const char* name) { return ranges.push_back(name), depth++; }
int pop() { return --depth; }

}  // namespace

#if defined(NVTX_VERSION)
/// What a profiler does when NVTX finds it in a process.
extern "C" int observe_ranges(NvtxGetExportTableFunc_t get) {
  const auto* const callbacks = static_cast<const NvtxExportTableCallbacks*>(get(NVTX_ETID_CALLBACKS));
  NvtxFunctionTable table = nullptr;
  unsigned size = 0;
  if (!callbacks || !callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &table, &size)) return 0;
  *table[NVTX_CBID_CORE_RangePushA] = reinterpret_cast<NvtxFunctionPointer>(push);
  *table[NVTX_CBID_CORE_RangePop] = reinterpret_cast<NvtxFunctionPointer>(pop);
  return 1;
}
#endif

TEST_CASE("the environment switches it, and says what it may be") {
  ::unsetenv("STRATA_CUDA_EAGER");
  CHECK_FALSE(cuda::eager());
  for (const auto& [text, on] : {std::pair{"", false}, {"0", false}, {"1", true}}) {
    ::setenv("STRATA_CUDA_EAGER", text, 1);
    CHECK(cuda::eager() == on);
  }
  for (const char* text : {"2", "yes", " 1"}) {
    ::setenv("STRATA_CUDA_EAGER", text, 1);
    CHECK(refuses([] { (void)cuda::eager(); }, "CUDA: STRATA_CUDA_EAGER is \"", text, "\"; give 1 "));
    CHECK(on_own_machine({}, [] { Sessions(); }) == refusal([] { (void)cuda::eager(); }));
  }
}

TEST_CASE("an eager training gives the bits of a captured one, and captures nothing") {
  const std::string expected = bits_of_training(false);
  REQUIRE(expected.size() > sizeof(float) * Model<Net>::parameter_floats);
  CHECK(bits_of_training(true) == expected);
}

TEST_CASE("each step has a time and a name") {
  CHECK(on_own_machine({}, [] {
          set_eager(false);
          {
            Sessions captured;
            captured.step();
            captured.infer();
            if (!captured.training.times().empty() || !captured.inference.times().empty()) return "captured and timed";
            if (!ranges.empty()) return "captured and named";
          }
          set_eager(true);
#if defined(NVTX_VERSION)
          InitializeInjectionNvtx2_fnptr = observe_ranges;
#endif
          Sessions eager;
          device::clear_log();
          eager.step();
          const auto times = eager.training.times();
          if (times.size() < 20) return "few steps";
          bool own = false, graph = false;
          for (std::size_t i = 0; i < times.size(); i++) {
            if (times[i].node < 0 || times[i].form < 0) return "a step without its node or form";
            if (i > 0 && times[i].node < times[i - 1].node) return "steps in another order than that of the plan";
            if (!(times[i].milliseconds >= 0)) return "no time";
            (times[i].engine == "own" ? own : graph) = true;
          }
          if (!own || !graph) return "not all engines";
#if defined(NVTX_VERSION)
          if (ranges.size() != times.size() || depth != 0) return "not one range for each step";
          if (ranges[0] != sentence("node ", times[0].node, ", input, form 1 of 1, own")) return "another name";
#endif
          const std::size_t whole = times.size();
          eager.step(false);
          if (eager.training.times().empty() || eager.training.times().size() >= whole) return "not forward only";
          eager.infer();
          if (eager.inference.times().empty()) return "inference is not timed";
          if (!device::log().violations.empty()) return device::log().violations.front().c_str();
          return "";
        }) == "");
}

TEST_CASE("what fails while it runs is named only in eager mode, by node, form and engine") {
  const std::string names = on_own_machine({}, [] {
    set_eager(true);
    Sessions sessions;
    device::clear_log();
    sessions.step();
    std::string out;
    for (const auto& [name, times] : device::log().ran) out += name + "\n";
    return out;
  });
  long failures = 0;
  for (std::size_t at = 0; at < names.size(); failures++) {
    const std::string name = names.substr(at, names.find('\n', at) - at);
    at += name.size() + 1;
    if (name == "choose_numbers") continue;  // before the network's steps
    INFO(name);
    const auto said = [&](bool eagerly) {
      return on_own_machine({}, [&] {
        set_eager(eagerly);
        Sessions sessions;
        device::fail_next("run " + name, cudaErrorIllegalAddress);
        sessions.step();
      });
    };
    const std::string captured = said(false), eager = said(true);
    CHECK(captured.starts_with("CUDA: cudaEventSynchronize failed: illegal address"));
    CHECK(eager.starts_with("node "));
    CHECK(eager.find(name.starts_with("cudnn ") ? ", interpreter: CUDA: " : ", own: CUDA: ") != std::string::npos);
    CHECK(eager.find(", form ") != std::string::npos);
    CHECK(eager.ends_with("; the device is lost to this process: start again from the last checkpoint"));
  }
  CHECK(failures > 10);
}

TEST_CASE("work outside a network is not taken for a step of it") {
  set_eager(true);
  for (const char* work : {"run copy_weights", "cudaMemcpyAsync"})
    CHECK_FALSE(on_own_machine({}, [&] {
                  Model<Net, Half> model{{.seed = 1, .threads = 1}};
                  Dataset set = digit_set(8, 10);
                  device::fail_next(work, cudaErrorIllegalAddress, 2);
                  train(model, set, {.epochs = 1, .batch = 4, .optimizer = Adam{.rate = 1e-3}});
                }).starts_with("node "));
}

TEST_CASE("a small network's single kernel is waited for and named, too") {
  set_eager(true);
  const auto predict = [] {
    Model<Net, Cuda> model{{.seed = 1, .threads = 1}};
    (void)model.predict(digit_set(4, 12).images());
  };
  const std::string kernel = on_own_machine({}, [&] {
    predict();
    return device::log().captures == 0 && device::log().ran.size() == 1 ? device::log().ran.begin()->first : "";
  });
  REQUIRE(kernel != "");
  CHECK(on_own_machine({}, [&] {
          device::fail_next("run " + kernel, cudaErrorIllegalAddress);
          predict();
        }).starts_with("the whole network as one kernel: CUDA: "));
}

}  // namespace cuda_runtime_eager
