// SPDX-License-Identifier: MIT
// Each CUDA call of a training and its validations fails once, and so does each kernel and each plan as it runs: one
// sentence names it, nothing is left on the device, and the training resumes from its checkpoint bit for bit.
#include <strata/cuda.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "../support/cuda/own_machine.hpp"
#include "../support/cuda_backend.hpp"
#include "../support/digit_set.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace cuda_failures {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::training;
using namespace strata::testing;

namespace {

using Net = Digits<2, 2, 4>;
using Half = CudaWith<Fp16>;

#ifdef STRATA_SANITIZED
constexpr long stride = 7;
#else
constexpr long stride = 1;
#endif

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Data {
  Dataset train = digit_set(12, 10), validation = digit_set(4, 11);
};

/// Three updates per epoch, in micro-batches, each followed by a checkpoint and a validation. Returns the final
/// parameters.
std::vector<float> learn(const std::string& checkpoint, int epochs) {
  Data data;
  TrainOptions options;
  options.epochs = epochs, options.batch = 4, options.micro_batch = 3, options.optimizer = Adam{.rate = 1e-3};
  options.validation.every = 1;
  options.checkpoints = {.path = checkpoint, .every_iterations = 1, .resume = Resume::if_present};
  Model<Net, Half> model{{.seed = 1, .threads = 1}};
  train(model, data, options);
  return {model.parameters().begin(), model.parameters().end()};
}

/// Makes the streams of a training and its validations, which outlive them.
void make_streams() { const cuda::Device training = cuda::Device::current(), validation = cuda::Device::current(); }

/// What is alive: allocations of device memory and of pinned memory, and handles.
struct Held {
  long device = device::living_allocations(), host = device::living_host_allocations(),
       handles = device::living_handles();
  bool operator==(const Held&) const = default;
};

/// The checkpoint of a first epoch, and the file for those of the training that resumes from it.
struct SavedTraining {
  TemporaryFolder folder;
  std::string first = folder / "first", later = folder / "later";
  std::vector<float> expected;

  /// Makes the first checkpoint and the expected parameters. Call in a process that may use its device.
  void make() {
    learn(first, 1);
    reset();
    expected = learn(later, 2);
  }
  void reset() const { std::filesystem::copy_file(first, later, std::filesystem::copy_options::overwrite_existing); }
  /// The final parameters of the resumed training, as bytes. Runs in a separate process, since the device may be lost
  /// to this one.
  std::string final_parameters() const {
    return on_own_machine({}, [&] {
      const std::vector<float> end = learn(later, 2);
      return std::string(reinterpret_cast<const char*>(end.data()), sizeof(float) * end.size());
    });
  }
  /// "", or what is wrong after a failure that said `text`.
  std::string problem(const std::string& text, const Held& before) const {
    if (text.empty()) return "nothing failed";
    const bool says = holds(text, "failed: ") || text.starts_with("CUDA: there is no NVIDIA driver on this machine; ");
    if (!says || holds(text, "\n") || text.ends_with(".")) return "not one sentence of what failed";
    if (!(Held() == before)) return "something is left";
    if (const auto& violations = device::log().violations; !violations.empty()) return violations.front();
    return "";
  }
};

/// Calls that release report no failure, and what they failed to release stays alive; cudaGetLastError only queries.
bool may_fail_unsaid(const std::string& call) {
  return holds(call, "Free") || holds(call, "Destroy") || call == "cudaGetLastError" || call == "cudaPeekAtLastError";
}

/// Whether the kernel is launched for a whole step, all parameters or a result rather than for a node.
bool is_of_no_node(const std::string& kernel) {
  for (const char* name : {"add", "choose_numbers", "copy_weights", "decide_update", "gradient_norm",
                           "measure_gradients", "tally", "tally_pixels", "update"})
    if (kernel == name) return true;
  return false;
}

/// How often each function is called while the saved training goes on, and how often anything is launched.
std::map<std::string, long> calls_of_learning(SavedTraining& saved) {
  saved.reset();
  device::clear_log();
  learn(saved.later, 2);
  std::map<std::string, long> calls = device::log().calls;
  calls["launch"] = device::log().launches;
  return calls;
}

}  // namespace

TEST_CASE("each call fails once: it is reported, leaves nothing, and the training goes on") {
  CHECK(on_own_machine({}, [] {
          make_streams();
          SavedTraining saved;
          saved.make();
          const std::map<std::string, long> calls = calls_of_learning(saved);
          std::string all;
          const Held before;
          long failures = 0, unsaid = 0;
          for (const auto& [call, times] : calls) {
            if (may_fail_unsaid(call)) continue;
            for (long nth = 0; nth < times; nth += stride) {
              saved.reset();
              device::clear_log();
              device::fail_next(call, cudaErrorInvalidValue, nth);
              const std::string text = refusal([&] { learn(saved.later, 2); });
              device::fail_next(call, cudaSuccess, 1L << 40);
              const bool drained = call == "cudaStreamSynchronize" && text.empty();  // in a destructor, not reported
              unsaid += drained, failures++;
              std::string wrong = drained ? "" : saved.problem(text, before);
              if (wrong.empty() && !drained && call != "launch" && call != "cudaDriverGetVersion" && !holds(text, call))
                wrong = "the call is not named";
              if (wrong.empty() && learn(saved.later, 2) != saved.expected)
                wrong = "the resumed training ends with other numbers";
              if (!wrong.empty() && all.size() < 2000)
                all += sentence("call ", nth, " of ", call, ": ", wrong, " (", text, ")\n");
            }
          }
          if (failures < 300 / stride) all += sentence("only ", failures, " failures were made");
          if (unsaid > 20) all += sentence(unsaid, " were not reported");
          return all;
        }) == "");
}

TEST_CASE("memory that runs out in a step: a batch that fits is named, and the training goes on from its checkpoint") {
  CHECK(on_own_machine({}, [] {
          make_streams();
          SavedTraining saved;
          saved.make();
          const std::map<std::string, long> calls = calls_of_learning(saved);
          std::string all;
          const Held before;
          long named = 0;
          for (const char* call : {"cudaMalloc", "cudaGraphInstantiate", "cudaGraphLaunch", "launch"})
            for (long nth = 0; nth < calls.at(call); nth += 3) {
              saved.reset();
              device::fail_next(call, cudaErrorMemoryAllocation, nth);
              const std::string text = refusal([&] { learn(saved.later, 2); });
              std::string wrong = saved.problem(text, before);
              if (!holds(text, "; use a smaller batch or micro_batch") && !text.starts_with("node "))
                wrong = "no advice";
              named += holds(text, ", of at most 2 images") || holds(text, ", of at most 3 images");
              if (wrong.empty() && learn(saved.later, 2) != saved.expected)
                wrong = "the resumed training ends with other numbers";
              if (!wrong.empty() && all.size() < 2000)
                all += sentence("call ", nth, " of ", call, ": ", wrong, " (", text, ")\n");
            }
          if (named < 10) all += sentence("only ", named, " named a batch");
          return all;
        }) == "");
}

TEST_CASE("after memory runs out in a step, the model is as it was last fetched") {
  for (const long nth : {3, 4}) {  // after two steps and a validation
    CAPTURE(nth);
    CHECK(on_own_machine({}, [&]() -> std::string {
            Data data;
            Model<Net, Half> model{{.seed = 1, .threads = 1}};
            std::vector<float> fetched;
            auto watch = [&](const Progress& p) {
              if (p.event == Event::validation) fetched.assign(model.parameters().begin(), model.parameters().end());
            };
            TrainOptions options;
            options.epochs = 2, options.batch = 4, options.optimizer = Adam{.rate = 1e-3};
            options.validation.every = 2, options.observer = observe(watch);
            device::fail_next("cudaGraphLaunch", cudaErrorMemoryAllocation, nth);
            const std::string text = refusal([&] { train(model, data, options); });
            if (!holds(text, "; use a smaller batch or micro_batch, of at most 3 images")) return "no batch: " + text;
            if (fetched.empty()) return "nothing was fetched before";
            return std::equal(fetched.begin(), fetched.end(), model.parameters().begin()) ? "" : "other numbers";
          }) == "");
  }
}

TEST_CASE("a launch that fails names its node, be it a kernel's or a plan's") {
  CHECK(on_own_machine({}, [] {
          SavedTraining saved;
          saved.make();
          std::string all;
          long plans = 0, kernels = 0;
          const auto ran = device::log().ran;
          const Held before;
          for (const auto& [name, times] : ran) {
            const bool plan = name.starts_with("cudnn "), of_no_node = is_of_no_node(name);
            (plan ? plans : kernels)++;
            saved.reset();
            device::fail_next("launch " + name, cudaErrorInvalidConfiguration);
            const std::string text = refusal([&] { learn(saved.later, 2); });
            std::string wrong = saved.problem(text, before);
            if (!holds(text, (plan ? "execution of plan " : "CUDA: the launch (") + name +
                                 (plan ? " failed: " : ") failed: ")))
              wrong = "the launch is not named";
            if (text.starts_with("node ") == of_no_node)
              wrong = of_no_node ? "a node is named for a kernel of none" : "the node is not named";
            if (!wrong.empty()) all += sentence(name, ": ", wrong, " (", text, ")\n");
          }
          if (plans < 5 || kernels < 15) all += sentence("only ", plans, " plans and ", kernels, " kernels");
          return all;
        }) == "");
}

TEST_CASE("if a kernel or plan fails while it runs, the device is lost, and another process resumes the training") {
  SavedTraining saved;
  const std::string names = on_own_machine({}, [&] {
    learn(saved.first, 1);
    std::string out;
    for (const auto& [name, times] : device::log().ran) out += name + "\n";
    return out;
  });
  saved.reset();
  const std::string expected = saved.final_parameters();
  std::istringstream lines(names);
  long failures = 0;
  for (std::string name; std::getline(lines, name); failures++) {
    INFO(name);
    saved.reset();
    CHECK(on_own_machine({}, [&] {
            make_streams();
            const Held before;
            device::fail_next("run " + name, cudaErrorIllegalAddress);
            const std::string text = refusal([&] { learn(saved.later, 2); });
            if (!holds(text, "; the device is lost to this process: start again from the last checkpoint"))
              return "no advice: " + text;
            return saved.problem(text, before);
          }) == "");
    if (failures % stride == 0) CHECK(saved.final_parameters() == expected);
  }
  CHECK(failures > 20);
}

TEST_CASE("a device lost at any call: one sentence, nothing leaked, and the checkpoint can be resumed") {
  SavedTraining saved;
  const auto count = [] {
    long sum = 0;
    for (const auto& [call, times] : device::log().calls) sum += times;
    return sum;
  };
  const long calls = std::atol(on_own_machine({}, [&] {
                                 make_streams();
                                 learn(saved.first, 1);
                                 saved.reset();
                                 const long before = count();
                                 learn(saved.later, 2);
                                 return sentence(count() - before);
                               }).c_str());
  REQUIRE(calls > 500);
  saved.reset();
  const std::string expected = saved.final_parameters();
  long nth = 0;
  for (std::string wrong; wrong.empty(); nth += 5 * stride) {
    saved.reset();
    wrong = on_own_machine({}, [&] {
      make_streams();
      const Held before;
      device::lose_device(cudaErrorUnknown, nth);
      return saved.problem(refusal([&] { learn(saved.later, 2); }), before);
    });
    INFO("call ", nth, " of ", calls);
    if (nth < calls - 100) CHECK(wrong == "");  // the last calls only release, and their failure does no harm
    else if (wrong != "nothing failed") CHECK(wrong == "");
    CHECK(saved.final_parameters() == expected);
  }
  CHECK(nth >= calls - 100);
}

}  // namespace cuda_failures
