// SPDX-License-Identifier: MIT
// NumPy's format for one array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to
// 3: "\x93NUMPY", the version, the length of the header, the header as a Python dictionary, the numbers.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/half.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/free_memory.hpp>

namespace strata::data {

/// Numbers of any of NumPy's types of up to 64 bits: bool, int, unsigned int, float.
struct NumberArray {
  std::string name;         ///< of the file, for error messages
  std::vector<long> shape;  ///< rows first
  char kind = 'u';          ///< b, i, u or f, as in NumPy
  int width = 1;            ///< bytes of a number: 1, 2, 4 or 8; of f: 2, 4 or 8
  core::Bytes numbers;      ///< in the order of the shape, the last index moving first, and in the machine's byte order

  /// How many numbers there are.
  std::size_t count() const { return numbers.size() / std::size_t(width); }
};

namespace detail {

inline constexpr std::size_t npy_rank = 32;  ///< the most dimensions, as in NumPy

/// The header of an array, a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class NpyHeader {
 public:
  std::string type;
  bool fortran = false;
  std::vector<long> shape;

  /// Throws Error where the text is anything else.
  NpyHeader(std::string_view text, const std::string& name) : rest_(text), name_(name) {
    bool seen[3] = {};
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
      if (which == 3 || seen[which]) refuse("names a property that an array does not have, or one twice");
      seen[which] = true;
      if (which == 0) type = quoted();
      else if (which == 1) fortran = truth();
      else read_shape();
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip();
    if (!rest_.empty() || !(seen[0] && seen[1] && seen[2])) refuse("is not that of one array");
  }

 private:
  [[noreturn]] void refuse(const char* what) const {
    throw Error(name_, ": its header ", what, "; write it with numpy.save, as an array of numbers");
  }
  void skip() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t')) rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse(c == '{' ? "is not a dictionary" : "is damaged");
  }
  std::string quoted() {
    skip();
    const char quote = rest_.empty() ? ' ' : rest_[0];
    if (quote == '[') refuse("describes records of several fields");
    const std::size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) refuse("is damaged");
    std::string out(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return out;
  }
  bool truth() {
    skip();
    for (const std::string_view word : {"True", "False"})
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    refuse("is damaged");
  }
  void read_shape() {
    expect('(');
    while (!take(')')) {
      skip();
      const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
      const std::optional<long> size = core::number_in<long>(rest_.substr(0, end));
      if (!size || shape.size() == npy_rank) refuse("has a shape that is damaged, or too large");
      shape.push_back(*size);
      rest_.remove_prefix(end);
      (void)take('L');  // as Python 2 wrote it
      if (!take(',')) {
        expect(')');
        break;
      }
    }
  }

  std::string_view rest_;
  const std::string& name_;
};

/// Reverses the bytes of each number.
inline void swap_bytes(core::Bytes& numbers, int width) {
  for (auto at = numbers.begin(); at != numbers.end(); at += width) std::reverse(at, at + width);
}

/// Numbers whose first index moves first, in the order of the shape.
inline core::Bytes from_fortran(const core::Bytes& numbers, const std::vector<long>& shape, std::size_t width) {
  core::Bytes out(numbers.size());
  std::vector<long> index(shape.size(), 0);
  std::vector<std::size_t> strides;
  std::size_t stride = width;
  for (const long size : shape) strides.push_back(stride), stride *= std::size_t(size);
  std::size_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += width) {
    std::memcpy(out.data() + to, numbers.data() + from, width);
    for (std::size_t d = shape.size(); d-- > 0;) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= strides[d] * std::size_t(shape[d]), index[d] = 0;
    }
  }
  return out;
}

/// Calls see(i, number) for each number, with its own type; half-precision floats as float, bool as unsigned char.
template <class See>
void for_each_number(const NumberArray& array, See&& see) {
  const auto walk = [&]<class Number>(Number) {
    for (std::size_t i = 0; i < array.count(); i++) {
      Number number;
      std::memcpy(&number, array.numbers.data() + i * sizeof(Number), sizeof number);
      see(i, number);
    }
  };
  const auto of_width = [&]<class One, class Two, class Four, class Eight>(One, Two, Four, Eight) {
    if (array.width == 1) walk(One());
    else if (array.width == 2) walk(Two());
    else if (array.width == 4) walk(Four());
    else walk(Eight());
  };
  if (array.kind == 'i') return of_width(std::int8_t(), std::int16_t(), std::int32_t(), std::int64_t());
  if (array.kind != 'f') return of_width(std::uint8_t(), std::uint16_t(), std::uint32_t(), std::uint64_t());
  if (array.width == 4) return walk(float());
  if (array.width == 8) return walk(double());
  for (std::size_t i = 0; i < array.count(); i++) {
    std::uint16_t half;
    std::memcpy(&half, array.numbers.data() + 2 * i, 2);
    see(i, core::float_of_half(half));
  }
}

/// "3 x 4"
inline std::string spelled_sizes(const std::vector<long>& shape) {
  std::string out;
  for (const long size : shape) out += (out.empty() ? "" : " x ") + core::decimal(size);
  return out.empty() ? "one number" : out;
}

}  // namespace detail

/// Parses an array in memory. `name` appears in error messages. `memory`: bytes to allow instead of the free memory.
/// Throws Error where the file is damaged or does not hold numbers.
inline NumberArray parse_npy(core::Bytes bytes, const std::string& name, std::optional<long> memory = {}) {
  constexpr unsigned char magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (bytes.size() < 10 || !std::equal(magic, magic + 6, bytes.begin()))
    throw Error(name, bytes.empty() ? ": is empty" : ": is not an array of NumPy", "; write it with numpy.save");
  const int version = bytes[6];
  if (version < 1 || version > 3)
    throw Error(name, ": has version ", version, " of NumPy's format; write it in version 1, 2 or 3");
  const std::size_t start = version == 1 ? 10 : 12;
  std::size_t length = bytes[8] | std::size_t(bytes[9]) << 8;
  if (version > 1 && bytes.size() >= start) length |= std::size_t(bytes[10]) << 16 | std::size_t(bytes[11]) << 24;
  if (bytes.size() < start || length > bytes.size() - start)
    throw Error(name, ": ends within its header (truncated?); get the file again");
  const detail::NpyHeader header(std::string_view(reinterpret_cast<const char*>(bytes.data()) + start, length), name);

  NumberArray out{name, header.shape, 'u', 1, {}};
  const std::string& type = header.type;
  const std::size_t at = type.find_first_not_of("<>|=");
  const std::optional<int> width = at > 1 ? std::nullopt : core::number_in<int>(std::string_view(type).substr(at + 1));
  out.kind = at > 1 ? 'O' : type[at];
  const bool known = width && (*width == 1 || *width == 2 || *width == 4 || *width == 8);
  if (!known ||
      !(out.kind == 'i' || out.kind == 'u' || (out.kind == 'b' && *width == 1) || (out.kind == 'f' && *width > 1)))
    throw Error(name, ": holds numbers of the type ", core::printable(type.substr(0, 40)),
                "; convert them with astype to a bool, int, unsigned int or float of up to 64 bits");
  out.width = *width;

  std::size_t needed = std::size_t(out.width);
  const std::size_t left = bytes.size() - start - length;
  for (const long size : out.shape) {
    if (size != 0 && needed > std::numeric_limits<long>::max() / std::size_t(size))
      throw Error(name, ": its header declares more numbers than any memory holds; get the file again");
    needed *= std::size_t(size);
  }
  if (needed != left)
    throw Error(name, ": its header declares ", needed, " bytes, but ",
                left < needed ? "fewer follow (truncated?)" : "more follow", "; get the file again");
  bytes.erase(bytes.begin(), bytes.begin() + std::ptrdiff_t(start + length));
  if ((type[0] == '>') == (std::endian::native == std::endian::little) && type[0] != '|' && type[0] != '=' && at == 1)
    detail::swap_bytes(bytes, out.width);
  if (header.fortran && out.shape.size() > 1) {
    require_memory(needed, name, "put in rows, it needs", memory);
    bytes = detail::from_fortran(bytes, out.shape, std::size_t(out.width));
  }
  out.numbers = std::move(bytes);
  return out;
}

/// The same from a file. Throws Error where it cannot be read or is damaged.
inline NumberArray read_npy(const std::string& path) { return parse_npy(core::read_file(path), path); }

/// The numbers as floats: of 64 bits, the nearest ones. Throws Error where memory is short.
inline std::vector<float> floats_of(const NumberArray& array) {
  require_memory(array.count() * sizeof(float), array.name, "as floats, it needs");
  std::vector<float> out(array.count());
  detail::for_each_number(array, [&](std::size_t i, auto number) { out[i] = float(number); });
  return out;
}

/// The numbers as bytes. Throws Error for floats, and for a number below 0 or above 255.
inline std::vector<std::uint8_t> bytes_of(NumberArray array) {
  if (array.kind == 'f')
    throw Error(array.name, ": holds floats, which are not bytes; read them as floats, or convert them with astype");
  if (array.width == 1 && array.kind != 'i') return std::move(array.numbers);
  std::vector<std::uint8_t> out(array.count());
  detail::for_each_number(array, [&](std::size_t i, auto number) {
    if (number < 0 || number > 255)
      throw Error(array.name, ": number ", i, " is ", std::to_string(number),
                  ", but bytes are from 0 to 255; read them as floats");
    out[i] = std::uint8_t(number);
  });
  return out;
}

/// The numbers as labels. Throws Error for floats, and for a number that does not fit 32 bits.
inline std::vector<std::int32_t> labels_of(const NumberArray& array) {
  if (array.kind == 'f')
    throw Error(array.name,
                ": holds floats, which are not numbers of classes; use them as targets, or convert them "
                "with astype(int)");
  require_memory(array.count() * sizeof(std::int32_t), array.name, "as labels, it needs");
  std::vector<std::int32_t> out(array.count());
  detail::for_each_number(array, [&](std::size_t i, auto number) {
    if constexpr (std::integral<decltype(number)>) {
      if (!std::in_range<std::int32_t>(number))
        throw Error(array.name, ": label ", i, " is ", std::to_string(number),
                    ", which is not the number of a class; give 0 or more, or -1 to ignore it");
      out[i] = std::int32_t(number);  // NOLINT(bugprone-signed-char-misuse): one byte is a number here
    }
  });
  return out;
}

/// Images and their labels or targets as a Dataset. Images are [N][H][W][C], [N][H][W] (gray) or [N][C] (vectors), or N
/// of `shape` where one is given: bytes, or converted to floats. Integers are labels, [N], or [N][H][W] of pixels;
/// floats are targets, of any number for each image. Throws Error where the arrays do not fit.
inline Dataset dataset_of(NumberArray images, const NumberArray& targets, Shape shape = {}) {
  const std::vector<long>& sizes = images.shape;
  const auto refuse = [&](const std::string& why) {
    throw Error(images.name, ": is an array of ", detail::spelled_sizes(sizes), why);
  };
  constexpr long most = std::numeric_limits<std::int32_t>::max();
  if (shape == Shape{}) {
    if (sizes.size() < 2 || sizes.size() > 4)
      refuse("; give images as N x rows x columns x channels, N x rows x columns, or N x channels");
    for (std::size_t d = 1; d < sizes.size(); d++)
      if (sizes[d] < 1 || sizes[d] > 1 << 24) refuse(", which are not images; give sizes from 1 to 16777216");
    const auto size = [&](std::size_t d) { return int(sizes[d]); };
    shape = sizes.size() == 4   ? Shape{size(1), size(2), size(3)}
            : sizes.size() == 3 ? Shape{size(1), size(2), 1}
                                : Shape{1, 1, size(1)};
  }
  const long count = sizes.empty() ? 0 : sizes[0];
  if (count < 1 || count > most || shape.size() < 1 || long(images.count()) / count != shape.size() ||
      long(images.count()) % count != 0)
    refuse(core::sentence(", but images of ", shape.height, " x ", shape.width, " x ", shape.channels,
                          " are wanted; reshape it to N x rows x columns x channels"));
  const long per_image = long(targets.count()) / count;
  if (targets.shape.empty() || targets.shape[0] != count || per_image < 1)
    throw Error(targets.name, ": is an array of ", detail::spelled_sizes(targets.shape), " for ", count, " images of ",
                images.name, "; give at least one number for each");
  const bool bytes = images.width == 1 && images.kind != 'i';
  if (targets.kind == 'f')
    return bytes ? Dataset(shape, bytes_of(std::move(images)), floats_of(targets), per_image)
                 : Dataset(shape, floats_of(images), floats_of(targets), per_image);
  return bytes ? Dataset(shape, bytes_of(std::move(images)), labels_of(targets), per_image)
               : Dataset(shape, floats_of(images), labels_of(targets), per_image);
}

/// The bytes of a file of version 1, for std::uint8_t, std::int32_t or float: the numbers, the last index of the shape
/// moving first. Throws Error unless the shape has as many.
template <class Number>
core::Bytes encode_npy(const std::vector<long>& shape, std::span<const Number> numbers) {
  static_assert(std::same_as<Number, std::uint8_t> || std::same_as<Number, std::int32_t> || std::same_as<Number, float>,
                "strata: arrays are written of std::uint8_t, std::int32_t or float");
  std::size_t count = 1;
  std::string sizes;
  for (const long size : shape) count *= std::size_t(size), sizes += core::decimal(size) + ", ";
  if (count != numbers.size())
    throw Error("encode_npy: ", numbers.size(), " numbers for an array of ", detail::spelled_sizes(shape),
                "; give as many as its sizes multiply to");
  const char order = std::endian::native == std::endian::little ? '<' : '>';
  const std::string type = std::same_as<Number, std::uint8_t>   ? "|u1"
                           : std::same_as<Number, std::int32_t> ? std::string{order, 'i', '4'}
                                                                : std::string{order, 'f', '4'};
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  header.append(63 - (10 + header.size()) % 64, ' ');  // so that the numbers begin at a multiple of 64 bytes
  header += '\n';
  core::Bytes out{
      0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(header.size() & 255), (unsigned char)(header.size() >> 8)};
  out.insert(out.end(), header.begin(), header.end());
  const std::size_t start = out.size();
  out.resize(start + numbers.size_bytes());
  if (!numbers.empty()) std::memcpy(out.data() + start, numbers.data(), numbers.size_bytes());
  return out;
}

/// Writes a file that numpy.load reads, atomically: as many numbers as the shape has, the last index moving first.
/// Throws Error where that fails.
template <class Number>
void write_npy(const std::string& path, const std::vector<long>& shape, std::span<const Number> numbers) {
  core::write_file(path, encode_npy(shape, numbers));
}

}  // namespace strata::data
