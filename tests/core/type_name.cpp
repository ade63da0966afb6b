// SPDX-License-Identifier: MIT
#include <strata/core/type_name.hpp>

#include <doctest/doctest.h>

#include <string>

namespace scopes {
struct plain {};
template <int N>
struct numbered {
  struct inner {};
};
}  // namespace scopes

using strata::core::type_name;

static_assert(type_name<int>() == "int");
static_assert(type_name<scopes::plain>() == "scopes::plain");

TEST_CASE("a type is spelled with its namespace, its arguments and those of what encloses it") {
  CHECK(std::string(type_name<scopes::numbered<3>>()) == "scopes::numbered<3>");
  CHECK(std::string(type_name<scopes::numbered<3>::inner>()).find("numbered<3>::inner") != std::string::npos);
}
