// SPDX-License-Identifier: MIT
#include <strata/experiment/compile_error.hpp>

#include <doctest/doctest.h>

namespace experiment_compile_error {

using strata::experiment::detail::compile_error_of;

TEST_CASE("gcc prints strata's sentence") {
  CHECK(compile_error_of("a.hpp: In instantiation of 'refused<FixedString<24>{\"strata: layer 2, ReLU; why\"}>':\n"
                         "a.hpp:9:3: error: static assertion failed: strata: the network is rejected\n") ==
        "strata: layer 2, ReLU; why");
}

TEST_CASE("clang spells the sentence with types") {
  const std::string head =
      "a.hpp:1:3: error: static_assert failed due to requirement 'never<strata::graph::layer<'2'>>' \"strata: the "
      "types say it\"\nnote: in instantiation of template class 'strata::graph::detail::rejected<";
  CHECK(compile_error_of(head +
                         "strata::graph::layer<'1', '.', '2'>, strata::graph::spelled<'P', '<', '\\'', '>'>, "
                         "strata::graph::given<4, 3, 2>, strata::graph::because<strata::graph::Reason::unknown_tap>, "
                         "strata::graph::against<0, 0, 0>, strata::graph::detail_is<'a', ' ', 'b'>, "
                         "strata::graph::remedy<'m', 'o', 'v', 'e'>>' requested here\n") ==
        "strata: layer 1.2, P<'>, is given 4x3x2: unknown tap (a b); move");
  CHECK(compile_error_of(head +
                         "strata::graph::layer<'2'>, strata::graph::spelled<'R'>, strata::graph::given<1, 1, 2>, "
                         "strata::graph::because<strata::graph::Reason::no_layers>, strata::graph::detail_is<>, "
                         "strata::graph::remedy<'a', 'd', 'd'>>' requested here\n") ==
        "strata: layer 2, R, is given 1x1x2: no layers; add");
}

TEST_CASE("a recent clang prints it in its assertion") {
  CHECK(compile_error_of("a.hpp:9:3: error: static assertion failed: strata: layer 2, ReLU; why\n    9 | static\n") ==
        "strata: layer 2, ReLU; why");
}

TEST_CASE("other errors: the first one, and text that ends too early is read to its end") {
  CHECK(compile_error_of("a.cpp:1:1: error: 'x' was not declared\nb: error: y\n") == "'x' was not declared");
  CHECK(compile_error_of("killed\nmore") == "killed");
  CHECK(compile_error_of("") == "");
  CHECK(compile_error_of("\"strata: cut off") == "strata: cut off");
  CHECK(compile_error_of("\"strata: x\" rejected<layer<'2'>, spelled<'R', '") == "strata: layer 2, R, is given : ; ");
}

}  // namespace experiment_compile_error
