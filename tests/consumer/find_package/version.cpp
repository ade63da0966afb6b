// SPDX-License-Identifier: MIT
// The version that the headers name is that of the package, as text and as numbers.
#include <strata/embedded.hpp>

#include <string_view>

#define TEXT_OF(...) #__VA_ARGS__
#define TEXT(...) TEXT_OF(__VA_ARGS__)

static_assert(std::string_view(STRATA_VERSION) == PACKAGE_VERSION);
static_assert(std::string_view(STRATA_VERSION) ==
              TEXT(STRATA_VERSION_MAJOR) "." TEXT(STRATA_VERSION_MINOR) "." TEXT(STRATA_VERSION_PATCH));
