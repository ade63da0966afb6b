// SPDX-License-Identifier: MIT
// expect: two networks of a list have the same name; rename one
#include <strata/infer/any_model.hpp>
#include <strata/models/digits.hpp>

using namespace strata;

using List = infer::Networks<infer::Entry<"digits", Digits<>>, infer::Entry<"digits", Digits<4, 8, 16>>>;

int count() { return List::count; }
