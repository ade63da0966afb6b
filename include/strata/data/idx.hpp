// SPDX-License-Identifier: MIT
// IDX, the format of MNIST: magic 0 0 type rank, then `rank` big-endian 32-bit sizes, then the numbers. Supported:
// bytes (type 0x08) of rank 1 (labels) and rank 3 (images), plain or .gz. Needs strata::idx (zlib).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/free_memory.hpp>
#include <strata/data/gzip.hpp>

namespace strata::data {

/// The contents of an IDX file.
struct Idx {
  int rank = 0;                       ///< number of sizes: 1 for labels, 3 for images
  std::uint32_t dims[3] = {1, 1, 1};  ///< images: count, rows, columns
  std::vector<std::uint8_t> numbers;  ///< [count] or [count][rows][columns]
};

namespace detail {

inline std::uint32_t big_endian(const unsigned char* p) {
  return std::uint32_t(p[0]) << 24 | std::uint32_t(p[1]) << 16 | std::uint32_t(p[2]) << 8 | p[3];
}

inline constexpr std::size_t idx_limit = std::size_t(1) << 33;  ///< 8 GiB of numbers, more than 100 times MNIST

/// Parses the header and returns how many numbers it announces; `bytes` may end right after it.
inline std::size_t parse_idx_header(const core::Bytes& bytes, int rank, const std::string& name, Idx& out) {
  if (bytes.size() >= 4) {
    const char* wanted = rank == 1 ? "2049 (labels)" : "2051 (images)";
    const std::uint32_t magic = big_endian(bytes.data());
    if (magic != 0x0800u + std::uint32_t(rank))
      throw Error(name, ": has the magic number ", magic, " where an IDX file has ", wanted,
                  magic == 0x0801 || magic == 0x0803 ? "; are images and labels swapped?" : "; give an IDX file");
  }
  if (bytes.size() < 4 + 4 * std::size_t(rank))
    throw Error(name, ": ends within its header (truncated?); get the file again");
  out.rank = rank;
  std::size_t numbers = 1;
  for (int d = 0; d < rank; d++) {
    out.dims[d] = big_endian(bytes.data() + 4 + 4 * d);
    const std::size_t size = out.dims[d];
    if (size != 0 && numbers > idx_limit / size)
      throw Error(name, ": its header declares more than 8 GiB; get the file again");
    numbers *= size;
  }
  return numbers;
}

/// Throws Error, before decompression, where the announced bytes exceed the free memory or what `packed` can hold.
inline void check_promise(std::size_t promised, std::size_t packed, std::optional<long> memory,
                          const std::string& name) {
  if (promised / gzip_ratio > packed)
    throw Error(name, ": its header declares ", promised, " bytes, more than ", packed,
                " packed bytes can hold (truncated?); get the file again");
  require_memory(promised, name, "unpacked, it needs", memory);
}

}  // namespace detail

/// Parses an IDX file in memory, plain or .gz. `rank`: the expected one, 1 for labels, 3 for images. `name` appears in
/// error messages. `memory`: bytes to allow instead of the free memory. Throws Error where the file is damaged.
inline Idx parse_idx(core::Bytes bytes, int rank, const std::string& name, std::optional<long> memory = {}) {
  if (bytes.empty()) throw Error(name, ": is empty; get the file again");
  Idx out;
  const std::size_t header = 4 + 4 * std::size_t(rank);
  const bool packed = is_gzip(bytes);
  const core::Bytes start = packed ? gunzip(bytes, name, header - 1) : core::Bytes();
  if (packed && start.empty()) throw Error(name, ": the .gz holds nothing; get the file again");
  const std::size_t numbers = detail::parse_idx_header(packed ? start : bytes, rank, name, out);
  if (packed) {
    detail::check_promise(header + numbers, bytes.size(), memory, name);
    bytes = gunzip(bytes, name, header + numbers, header + numbers + 1);
  }
  if (bytes.size() - header != numbers)
    throw Error(name, ": its header declares ", numbers, " bytes, but ",
                bytes.size() - header < numbers ? "fewer follow (truncated?)" : "more follow", "; get the file again");
  bytes.erase(bytes.begin(), bytes.begin() + std::ptrdiff_t(header));
  out.numbers = std::move(bytes);
  return out;
}

/// The same from a file. Throws Error where it cannot be read or is damaged.
inline Idx read_idx(const std::string& path, int rank) { return parse_idx(core::read_file(path), rank, path); }

/// Properties that the files do not record.
struct IdxOptions {
  int first_label = 0;      ///< the label of class 0; EMNIST's letters begin at 1
  bool transposed = false;  ///< whether images are stored column by column, as in EMNIST; they are transposed
};

namespace detail {

inline void transpose(Idx& images) {
  const std::size_t height = images.dims[2], width = images.dims[1], size = height * width;
  std::vector<std::uint8_t> stored(size);
  for (std::size_t at = 0; at < images.numbers.size(); at += size) {
    std::uint8_t* const image = images.numbers.data() + at;
    std::copy_n(image, size, stored.data());
    for (std::size_t y = 0; y < height; y++)
      for (std::size_t x = 0; x < width; x++) image[y * width + x] = stored[x * height + y];
  }
  std::swap(images.dims[1], images.dims[2]);
}

}  // namespace detail

/// Combines images and labels into a Dataset of [count][H][W][1] bytes; labels become 0 ... classes - 1. The names
/// appear in error messages; throws Error where the counts differ or a label is out of range.
inline Dataset pair_idx(Idx images, const Idx& labels, int classes, const std::string& image_name,
                        const std::string& label_name, const IdxOptions& options = {}) {
  if (images.dims[0] != labels.dims[0])
    throw Error(image_name, ": holds ", images.dims[0], " images, but ", label_name, " holds ", labels.dims[0],
                " labels; give files that belong together");
  if (images.dims[0] == 0 || images.dims[1] == 0 || images.dims[2] == 0)
    throw Error(image_name, ": holds ", images.dims[0], " images of ", images.dims[1], " x ", images.dims[2],
                "; give at least one");
  if (images.dims[0] > 0x7fffffff || images.dims[1] > 0x7fff || images.dims[2] > 0x7fff)
    throw Error(image_name, ": holds images of ", images.dims[1], " x ", images.dims[2], ", more than the limit");
  const int first = options.first_label, last = first + classes - 1;
  std::vector<std::int32_t> values(labels.numbers.begin(), labels.numbers.end());
  for (std::size_t i = 0; i < values.size(); i++) {
    if (values[i] < first || values[i] > last)
      throw Error(label_name, ": label ", i, " is ", values[i], ", but there are ", classes, " classes, ", first,
                  " to ", last, "; get the file again");
    values[i] -= first;
  }
  if (options.transposed) detail::transpose(images);
  return Dataset({int(images.dims[1]), int(images.dims[2]), 1}, std::move(images.numbers), std::move(values));
}

/// Reads both files, plain or .gz, and combines them: see pair_idx(). Throws Error where one cannot be read
/// or they do not fit.
inline Dataset load_idx(const std::string& image_path, const std::string& label_path, int classes,
                        const IdxOptions& options = {}) {
  const Idx labels = read_idx(label_path, 1);
  return pair_idx(read_idx(image_path, 3), labels, classes, image_path, label_path, options);
}

}  // namespace strata::data
