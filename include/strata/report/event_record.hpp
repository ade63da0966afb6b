// SPDX-License-Identifier: MIT
// The bytes of TensorBoard's event files. A record is the length of its data (8 bytes, little-endian), a checksum of
// these, the data, and a checksum of the data; the data is an Event of tensorflow/core/util/event.proto in protobuf's
// wire format, of which only the fields that scalars need are written.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata::report {

/// A number for TensorBoard.
struct Scalar {
  std::string tag;   ///< its name there; the part before "/" is a section
  double value = 0;  ///< in any unit, from -3.4e38 to 3.4e38: stored in single precision
};

/// What an event says.
struct EventRecord {
  double wall_time = 0;           ///< seconds since 1970
  long step = 0;                  ///< the number of an iteration or epoch
  std::string version{};          ///< of the file format, in a file's first record; else empty
  std::vector<Scalar> scalars{};  ///< of this step
  bool starts = false;            ///< a start: readers drop what they have of this folder from `step` on
};

namespace detail {

/// The table of CRC-32C (Castagnoli), bit-reflected.
inline constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; i++) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ 0x82F63B78u : c >> 1;
    table[i] = c;
  }
  return table;
}();

constexpr std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t c = 0xFFFFFFFFu;
  for (const char byte : bytes) c = crc_table[(c ^ std::uint32_t(static_cast<unsigned char>(byte))) & 255] ^ c >> 8;
  return ~c;
}

/// As records store it, so that a checksum of data that holds checksums is of use.
constexpr std::uint32_t masked_crc(std::string_view bytes) {
  const std::uint32_t c = crc32c(bytes);
  return (c >> 15 | c << 17) + 0xA282EAD8u;
}

/// Appends numbers and fields in protobuf's wire format.
class Wire {
 public:
  template <class Unsigned>
  Wire& little_endian(Unsigned value) {
    for (unsigned i = 0; i < sizeof value; i++) bytes_ += char((value >> 8 * i) & 255);
    return *this;
  }
  Wire& raw(std::string_view text) { return bytes_ += text, *this; }

  // A field that has its default value is left out.
  Wire& real(int field, double value) {
    if (std::bit_cast<std::uint64_t>(value) == 0) return *this;
    return key(field, 1).little_endian(std::bit_cast<std::uint64_t>(value));
  }
  Wire& whole(int field, long value) { return value == 0 ? *this : key(field, 0).varint(std::uint64_t(value)); }
  Wire& text(int field, std::string_view text) { return text.empty() ? *this : message(field, text); }
  // Members of a oneof are written even then.
  Wire& single(int field, float value) { return key(field, 5).little_endian(std::bit_cast<std::uint32_t>(value)); }
  Wire& message(int field, std::string_view bytes) { return key(field, 2).varint(bytes.size()).raw(bytes); }

  const std::string& bytes() const { return bytes_; }

 private:
  Wire& key(int field, unsigned type) { return varint(std::uint64_t(field) << 3 | type); }
  Wire& varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += char((value & 127) | 128);
    return bytes_ += char(value), *this;
  }
  std::string bytes_;
};

/// The Event, without its frame.
inline std::string event_bytes(const EventRecord& record) {
  Wire event;
  event.real(1, record.wall_time).whole(2, record.step).text(3, record.version);
  if (!record.scalars.empty()) {
    Wire summary;
    for (const Scalar& scalar : record.scalars)
      summary.message(1, Wire().text(1, scalar.tag).single(2, float(scalar.value)).bytes());
    event.message(5, summary.bytes());
  }
  if (record.starts) event.message(7, Wire().whole(1, 1).bytes());  // SessionLog::START
  return event.bytes();
}

}  // namespace detail

/// The record as a file stores it.
inline std::string record_bytes(const EventRecord& record) {
  const std::string data = detail::event_bytes(record);
  const std::string length = detail::Wire().little_endian(std::uint64_t(data.size())).bytes();
  return detail::Wire()
      .raw(length)
      .little_endian(detail::masked_crc(length))
      .raw(data)
      .little_endian(detail::masked_crc(data))
      .bytes();
}

}  // namespace strata::report
