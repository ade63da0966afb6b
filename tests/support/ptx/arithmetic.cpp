// SPDX-License-Identifier: MIT
#include "arithmetic.hpp"

#include <cfenv>

namespace strata::testing::ptx {

f32 multiply_add_down(f32 a, f32 b, f32 c) {
  const int rounding = std::fegetround();
  std::fesetround(FE_DOWNWARD);
  volatile f32 x = a, y = b, z = c;  // so that the compiler computes nothing before the mode is set
  const volatile f32 result = std::fma(x, y, z);
  std::fesetround(rounding);
  return result;
}

}  // namespace strata::testing::ptx
