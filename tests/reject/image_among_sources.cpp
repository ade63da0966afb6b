// SPDX-License-Identifier: MIT
// expect(gcc): layer input, Image<8, 8, 4>: this type is not a source; list sources only: Source<
// expect(clang): layer<'i', 'n', 'p', 'u', 't'>.*Reason::not_a_source
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Inputs<Source<"picture", Image<8, 8, 4>>, Image<8, 8, 4>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }
