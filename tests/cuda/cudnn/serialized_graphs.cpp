// SPDX-License-Identifier: MIT
// cuDNN's front end receives what the description says: its JSON, made by this program, reads back as the description,
// for every form with every window in every precision. The interpreter runs a graph that it receives as such JSON.
#include <doctest/doctest.h>

#include <strata/cuda/cudnn/cudnn_library.hpp>

#include "../../support/cuda/graph_executor.hpp"
#include "../../support/cuda/graph_forms.hpp"
#include "../../support/cuda/graph_interpreter.hpp"
#include "../../support/cuda/graph_json.hpp"
#include "../every_operation.hpp"

using namespace strata::cuda;
namespace testing = strata::testing;

TEST_CASE("the front end's JSON of each form is the description") {
  long graphs = 0;
  for (const testing::Form& form : testing::forms)
    for (const testing::Window& window : testing::windows)
      for (const Precision& precision : testing::precisions) {
        CAPTURE(form.name);
        CAPTURE(window.name);
        CAPTURE(name(precision));
        const GraphDescription graph = testing::describe(form, window, precision);
        CHECK(testing::validation_error(graph) == "");
        CHECK(testing::read_graph_json(serialized(graph), graph.compute) == graph);
        graphs++;
      }
  MESSAGE(graphs << " graphs");
}

TEST_CASE("the front end still writes what the tests keep") {
  const GraphDescription graph = testing::every_operation();
  CHECK(testing::read_graph_json(serialized(graph), Compute::tf32) == graph);
  std::string why;
  testing::GraphInterpreter library({.serialized = serialized});
  const auto plan = library.build(graph, why);
  REQUIRE(plan);
  CHECK(
      testing::work_name(graph) ==
      "cudnn convolution+add+subtract+multiply+relu+statistics+input_gradient+relu_gradient+weight_gradient+reductions");
}
