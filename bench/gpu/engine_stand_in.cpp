// SPDX-License-Identifier: MIT
// What stands in for cuDNN on the device that stands in for a GPU. With STRATA_STAND_IN_FAULT=1 it subtracts where it
// should add: tests want to see that noticed.
#include <cstdlib>

#include "../../tests/support/cuda/graph_interpreter.hpp"
#include "checked_library.hpp"

using namespace strata::cuda;

namespace {

class FaultyLibrary final : public Library {
 public:
  explicit FaultyLibrary(std::unique_ptr<Library> library) : library_(std::move(library)) {}
  std::unique_ptr<GraphPlan> build(const GraphDescription& graph, std::string& why) override {
    GraphDescription faulty = graph;
    for (GraphOperation& o : faulty.operations)
      if (o.op == GraphOp::add) o.op = GraphOp::subtract;
    return library_->build(faulty, why);
  }

 private:
  std::unique_ptr<Library> library_;
};

}  // namespace

std::unique_ptr<Library> gpu_check::base_library() {
  strata::testing::InterpreterOptions options;
  options.workspace_bytes = 512;
  auto interpreter = std::make_unique<strata::testing::GraphInterpreter>(options);
  if (!std::getenv("STRATA_STAND_IN_FAULT")) return interpreter;
  return std::make_unique<FaultyLibrary>(std::move(interpreter));
}

std::string gpu_check::library_name() { return "an interpreter of cuDNN's graphs"; }
