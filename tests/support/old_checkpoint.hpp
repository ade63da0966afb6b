// SPDX-License-Identifier: MIT
// Checkpoints taken apart and reassembled: as older versions wrote them, and with numbers that no version writes.
#pragma once

#include <strata/train/checkpoint.hpp>

#include <vector>

namespace strata::testing {

enum Item {
  setup_item,
  state_item,
  parameters_item,
  buffers_item,
  slots_item,
  history_item,
  conditions_item,
  deviations_item,
  kept_item,
  kept_parameters_item,
  kept_buffers_item,  // since version 5
  average_item,       // here and below: of a file with the best model
  average_parameters_item,
  average_buffers_item
};

/// The items of a valid checkpoint.
inline std::vector<core::Bytes> items_of(const core::Bytes& file) {
  std::vector<core::Bytes> out;
  for (std::size_t at = 8; at + 8 < file.size();) {
    std::uint64_t length;
    std::memcpy(&length, file.data() + at, 8);
    const auto first = file.begin() + long(at) + 8;
    out.emplace_back(first, first + long(length));
    at += 8 + length;
  }
  return out;
}

/// A checkpoint of these items with the right digest.
inline core::Bytes put_together(char version, const std::vector<core::Bytes>& items) {
  core::Bytes out(training::detail::checkpoint_magic, training::detail::checkpoint_magic + 8);
  out[7] = static_cast<unsigned char>(version);
  core::Digest sum;
  const auto put = [&](std::uint64_t word) {
    const unsigned char* const bytes = reinterpret_cast<const unsigned char*>(&word);
    out.insert(out.end(), bytes, bytes + 8);
  };
  for (const core::Bytes& item : items) {
    put(item.size());
    out.insert(out.end(), item.begin(), item.end());
    sum.add(item.data(), item.size());
  }
  put(sum.value);
  return out;
}

/// The same training in an older format: before version 4 without conditions, before 3 without a loss factor.
inline core::Bytes as_version(char version, const core::Bytes& newer, const training::detail::SetupOfVersion3& setup) {
  std::vector<core::Bytes> items = items_of(newer);
  items.resize(conditions_item);
  const unsigned char* const bytes = reinterpret_cast<const unsigned char*>(&setup);
  items[setup_item].assign(bytes, bytes + sizeof setup);
  if (version == '2') items[state_item].resize(training::detail::state_bytes_2);
  return put_together(version, items);
}

}  // namespace strata::testing
