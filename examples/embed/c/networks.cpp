// SPDX-License-Identifier: MIT
// The shared library's only file of C++: its networks, under the names by which a program chooses them.
#include <strata/infer/c_interface.hpp>
#include <strata/models/digits.hpp>

using namespace strata;

using All = infer::Networks<infer::Entry<"digits", Digits<8, 16, 32>>,  //
                            infer::Entry<"small_digits", Digits<4, 8, 16>>>;

STRATA_C_INTERFACE(All);
