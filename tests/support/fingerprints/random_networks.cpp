// SPDX-License-Identifier: MIT
// Ten networks of the grammar, from number STRATA_FIRST_NETWORK on.
#include "../random_network.hpp"
#include "fingerprint.hpp"

namespace strata::testing {

template <std::uint64_t... Index>
void print_random(std::integer_sequence<std::uint64_t, Index...>) {
  (print_all<RandomNetwork<STRATA_FIRST_NETWORK + Index>>(core::sentence("random ", STRATA_FIRST_NETWORK + Index), 5),
   ...);
}

static const Fingerprinted networks([] { print_random(std::make_integer_sequence<std::uint64_t, 10>()); });

}  // namespace strata::testing
