// SPDX-License-Identifier: MIT
// Bytes as an array of NumPy, and as an archive of some.
#include <strata/data/npz.hpp>

#include "../support/fuzz.hpp"
#include "../support/numpy_files.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;

namespace {

void use(const NumberArray& array) {
  const auto check = [&](auto&& convert) {
    try {
      if (std::size_t(convert()) != array.count()) __builtin_trap();
    } catch (const Error&) {
    }
  };
  check([&] { return floats_of(array).size(); });
  check([&] { return labels_of(array).size(); });
  check([&] { return bytes_of(array).size(); });
  check([&] {
    const Dataset set = dataset_of(array, array);
    return set.count() * set.shape().size();
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const Bytes bytes(data, data + size);
  try {
    use(parse_npy(bytes, "f"));
  } catch (const Error&) {
  }
  try {
    const Npz file(bytes, "f");
    const std::vector<std::string> names = file.names();
    for (std::size_t i = 0; i < names.size() && i < 2; i++) use(file.read(names[i]));
  } catch (const Error&) {
  }
  return 0;
}

// A packed byte becomes 1032 bytes at most (https://zlib.net/zlib_tech.html), and a byte of them a float and a label.
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 200'000, .bytes_per_byte = 2 * 24 * 1032, .steps = 1'000, .steps_per_byte = 2 * 32 * 1032};

std::vector<Bytes> testing::fuzz_seeds() {
  return {npz_file(), npy_file(1, "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }", std::string(24, 'a')),
          npy_file(2, "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 1), }", std::string(16, '\0')),
          npy_file(3, "{'descr': '|b1', 'fortran_order': False, 'shape': (2, 2, 2), }", std::string(8, '\1')),
          npy_file(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (), }", "ab")};
}
