// SPDX-License-Identifier: MIT
// expect(gcc): layer outputs, Dense<3>, is given 8x8x4: this type is not a head; list heads only: Head<
// expect(clang): layer<'o', 'u', 't', 'p', 'u', 't', 's'>.*Reason::not_a_head
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Outputs<Head<"class", Dense<3>>, Dense<3>>>;

int main() { return int(parameters<Net>); }
