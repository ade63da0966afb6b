// SPDX-License-Identifier: MIT
// ZIP archives in memory (APPNOTE 6.3.10), with files that are stored or deflated, and ZIP64's sizes. Needs strata::idx
// (zlib).
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/data/free_memory.hpp>
#include <strata/data/gzip.hpp>

namespace strata::data {

/// A file of an archive, as its directory describes it.
struct ZipEntry {
  std::string name;                    ///< with the folders before it
  int method = 0;                      ///< 0: stored, 8: deflated
  std::uint32_t checksum = 0;          ///< CRC-32 of the content
  std::uint64_t packed = 0, size = 0;  ///< bytes in the archive, and of the content
  std::uint64_t offset = 0;            ///< of its own header in the archive
  bool encrypted = false;              ///< whether it needs a password
};

namespace detail {

/// Numbers of an archive, least significant byte first; those beyond its end are refused.
struct ZipBytes {
  const core::Bytes& bytes;
  const std::string& name;

  std::uint64_t number(std::uint64_t at, int width) const {
    need(at, std::uint64_t(width));
    std::uint64_t out = 0;
    for (int i = width; i-- > 0;) out = out << 8 | bytes[std::size_t(at) + std::size_t(i)];
    return out;
  }
  void need(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes.size() || size > bytes.size() - at) damaged();
  }
  [[noreturn]] void damaged() const {
    throw Error(name, ": is damaged (truncated?), or not a ZIP archive; get the file again");
  }
};

/// Replaces sizes of 0xFFFFFFFF by those of the extra field at [at, end).
inline void read_zip64(const ZipBytes& zip, std::uint64_t at, std::uint64_t end, ZipEntry& entry) {
  for (std::uint64_t size = 0; at + 4 <= end; at += 4 + size) {
    size = zip.number(at + 2, 2);
    if (zip.number(at, 2) != 1) continue;
    std::uint64_t from = at + 4;
    for (std::uint64_t* const value : {&entry.size, &entry.packed, &entry.offset})
      if (*value == 0xFFFFFFFF) *value = zip.number(from, 8), from += 8;
    if (from > at + 4 + size) zip.damaged();
  }
}

}  // namespace detail

/// The files of an archive, in the order of its directory. `name` appears in error messages; throws Error where the
/// directory is damaged.
inline std::vector<ZipEntry> parse_zip(const core::Bytes& bytes, const std::string& name) {
  const detail::ZipBytes zip{bytes, name};
  constexpr std::uint64_t end_size = 22;
  if (bytes.size() < end_size) zip.damaged();
  std::uint64_t end = bytes.size() - end_size;  // of the directory; a comment of up to 65535 bytes may follow
  const std::uint64_t first = end > 0xFFFF ? end - 0xFFFF : 0;
  while (zip.number(end, 4) != 0x06054B50 || end + end_size + zip.number(end + 20, 2) != bytes.size())
    if (end-- == first) zip.damaged();
  std::uint64_t count = zip.number(end + 10, 2), at = zip.number(end + 16, 4);
  if ((count == 0xFFFF || at == 0xFFFFFFFF) && end >= 20 && zip.number(end - 20, 4) == 0x07064B50) {
    const std::uint64_t large = zip.number(end - 12, 8);
    if (zip.number(large, 4) != 0x06064B50) zip.damaged();
    count = zip.number(large + 32, 8), at = zip.number(large + 48, 8);
  }
  if (count > bytes.size() / 46) zip.damaged();
  std::vector<ZipEntry> out;
  for (std::uint64_t i = 0; i < count; i++) {
    zip.need(at, 46);
    if (zip.number(at, 4) != 0x02014B50) zip.damaged();
    const std::uint64_t named = zip.number(at + 28, 2), extra = zip.number(at + 30, 2),
                        comment = zip.number(at + 32, 2);
    zip.need(at + 46, named + extra + comment);
    ZipEntry entry;
    const auto start = bytes.begin() + std::ptrdiff_t(at + 46);
    entry.name.assign(start, start + std::ptrdiff_t(named));
    entry.encrypted = zip.number(at + 8, 2) & 1;
    entry.method = int(zip.number(at + 10, 2)), entry.checksum = std::uint32_t(zip.number(at + 16, 4));
    entry.packed = zip.number(at + 20, 4), entry.size = zip.number(at + 24, 4), entry.offset = zip.number(at + 42, 4);
    detail::read_zip64(zip, at + 46 + named, at + 46 + named + extra, entry);
    out.push_back(std::move(entry));
    at += 46 + named + extra + comment;
  }
  return out;
}

/// The content of a file of the archive. `memory`: bytes to allow instead of the free memory. Throws Error where it is
/// damaged, encrypted, packed otherwise, or larger than the memory.
inline core::Bytes unzip(const core::Bytes& bytes, const ZipEntry& entry, const std::string& name,
                         std::optional<long> memory = {}) {
  const detail::ZipBytes zip{bytes, name};
  const std::string whole = name + ": " + core::printable(entry.name);
  if (entry.encrypted) throw Error(whole, " is encrypted; pack it without a password");
  if (entry.method != 0 && entry.method != 8)
    throw Error(whole, " is packed by method ", entry.method, "; store it, or pack it by deflate");
  zip.need(entry.offset, 30);
  if (zip.number(entry.offset, 4) != 0x04034B50) zip.damaged();
  const std::uint64_t start = entry.offset + 30 + zip.number(entry.offset + 26, 2) + zip.number(entry.offset + 28, 2);
  zip.need(start, entry.packed);
  if (entry.method == 0 ? entry.size != entry.packed : entry.size / gzip_ratio > entry.packed) zip.damaged();
  if (entry.size > std::uint64_t(std::numeric_limits<std::ptrdiff_t>::max())) zip.damaged();
  const std::size_t size = std::size_t(entry.size);
  require_memory(size, whole, "unpacked, it needs", memory);
  core::Bytes out;
  const auto from = bytes.begin() + std::ptrdiff_t(start);
  if (entry.method == 0) {
    out.assign(from, from + std::ptrdiff_t(entry.packed));
  } else {
    out.resize(size);
    struct Stream : z_stream {
      Stream() : z_stream{} {}
      ~Stream() { inflateEnd(this); }
    } stream;
    if (inflateInit2(&stream, -15) != Z_OK) throw Error(whole, ": zlib cannot start; is there enough memory?");
    std::uint64_t taken = 0, filled = 0;
    int code = Z_OK;
    unsigned char none = 0;
    while (code == Z_OK) {
      constexpr std::uint64_t most = 1u << 30;
      stream.next_in = const_cast<unsigned char*>(bytes.data() + start + taken);
      stream.avail_in = uInt(std::min(entry.packed - taken, most));
      stream.next_out = out.empty() ? &none : out.data() + filled;
      stream.avail_out = uInt(std::min(entry.size - filled, most));
      const uInt given = stream.avail_in, room = stream.avail_out;
      code = inflate(&stream, Z_NO_FLUSH);
      taken += given - stream.avail_in, filled += room - stream.avail_out;
      if (code == Z_OK && given == stream.avail_in && room == stream.avail_out) break;
    }
    if (code != Z_STREAM_END || filled != entry.size) throw Error(whole, " is damaged; get the file again");
  }
  std::uint32_t checksum = std::uint32_t(crc32_z(0, nullptr, 0));
  checksum = std::uint32_t(crc32_z(checksum, out.data(), out.size()));
  if (checksum != entry.checksum) throw Error(whole, " does not have its checksum (damaged?); get the file again");
  return out;
}

}  // namespace strata::data
