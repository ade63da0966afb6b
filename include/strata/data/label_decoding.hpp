// SPDX-License-Identifier: MIT
// Decodes label images, which store one index or color per pixel, to classes. A value that stands for no class is void:
// it is counted, never an error.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <strata/data/class_list.hpp>
#include <strata/data/picture.hpp>

namespace strata::data {

inline constexpr std::uint8_t void_label = 255;  ///< a pixel that has no class and counts nowhere

/// How the label images of a set encode classes.
struct LabelCoding {
  /// What a label image stores per pixel: index or color.
  enum class Kind { index, color, colour [[deprecated("strata: colour is now color")]] = color };
  /// What a color stands for.
  struct ColorLabel {
    Color color;         ///< red, green, blue
    std::uint8_t label;  ///< class, or void_label for a color that means void
  };
  /// @deprecated Write ColorLabel.
  using ColourLabel [[deprecated("strata: ColourLabel is now ColorLabel")]] = ColorLabel;

  Kind kind = Kind::index;                ///< of this set
  std::vector<ColorLabel> colors;         ///< by color: exact matches only; any other is unknown
  std::vector<std::uint8_t> index_label;  ///< by index: class or void_label; past the end, 255 is void, others unknown
};

/// Counts of the pixels of an image that have no class.
struct LabelCounts {
  long void_pixels = 0;         ///< all of them
  long unknown_pixels = 0;      ///< those whose index or color is not in the coding
  long marked_pixels = 0;       ///< those with index 255
  bool only_0_and_255 = false;  ///< whether no other index occurs
  std::string unknown;          ///< the lowest unknown index, "index 31", or the first color, "color 1 2 3"
};

/// An image [H][W][3] and its labels [H][W]; void_label where a pixel has no class.
struct LabeledPicture {
  int height = 0, width = 0;                ///< rows and columns
  std::vector<std::uint8_t> image, labels;  ///< [H][W][3], [H][W]
  LabelCounts counts;                       ///< of the labels

  /// Bytes of both.
  long bytes() const { return long(image.size() + labels.size()); }
};
/// @deprecated Write LabeledPicture.
using LabelledPicture [[deprecated("strata: LabelledPicture is now LabeledPicture")]] = LabeledPicture;

/// The coding of a class list: entry i has index i and is class i, except that entries named "Void" or the like
/// (names_void) are void, and later classes move up. `classes` receives the list without them. Throws Error for
/// more than most_classes.
inline LabelCoding coding_of(const ClassList& list, LabelCoding::Kind kind, ClassList& classes) {
  LabelCoding out;
  out.kind = kind;
  classes.clear();
  for (const ClassEntry& entry : list) {
    const std::uint8_t label = names_void(entry.name) ? void_label : std::uint8_t(classes.size());
    if (label == void_label && !names_void(entry.name))
      throw Error("coding_of: the list names more than ", most_classes,
                  " classes, the most that an 8-bit label can distinguish; merge some");
    if (label != void_label) classes.push_back(entry);
    out.colors.push_back({entry.color, label});
    out.index_label.push_back(label);
  }
  return out;
}

/// Decodes `stored` (1 channel for indices, 3 for colors) to labels[H][W] and returns the counts. `name` appears in
/// error messages; throws Error where the number of channels does not fit the coding.
inline LabelCounts decode_labels(const LabelCoding& coding, const Picture& stored, const std::string& name,
                                 std::uint8_t* labels) {
  const bool by_index = coding.kind == LabelCoding::Kind::index;
  if (stored.shape.channels != (by_index ? 1 : 3))
    throw Error(name, ": stores ", stored.shape.channels == 3 ? "colors" : "indices", ", where ",
                by_index ? "class indices" : "colors", " are expected as in the rest of the set; convert it");
  LabelCounts out;
  const std::uint8_t* p = stored.bytes.data();
  const int pixels = stored.shape.pixels();
  const std::uint8_t* const beyond = stored.beyond.at.empty() ? nullptr : stored.beyond.at.data();
  if (by_index) {
    long of_index[256]{};
    std::uint8_t table[256];
    for (int i = 0; i < 256; i++)
      table[i] = std::size_t(i) < coding.index_label.size() ? coding.index_label[std::size_t(i)] : void_label;
    for (int i = 0; i < pixels; i++)
      if (beyond && beyond[i]) labels[i] = void_label, out.unknown_pixels++;
      else of_index[p[i]]++, labels[i] = table[p[i]];
    out.void_pixels = out.unknown_pixels;
    if (table[255] == void_label) out.marked_pixels = of_index[255];
    out.only_0_and_255 = of_index[0] + of_index[255] == pixels;
    for (int i = 0; i < 256; i++) {
      if (table[i] == void_label) out.void_pixels += of_index[i];
      if (i == 255 || std::size_t(i) < coding.index_label.size() || of_index[i] == 0) continue;
      if (out.unknown.empty()) out.unknown = core::sentence("index ", i);
      out.unknown_pixels += of_index[i];
    }
    if (beyond && out.unknown.empty()) out.unknown = stored.beyond.first;
    return out;
  }
  const LabelCoding::ColorLabel* found = nullptr;
  Color last{};
  bool fresh = true;  // nothing has been looked up yet
  for (int i = 0; i < pixels; i++, p += 3) {
    if (beyond && beyond[i]) {
      if (out.unknown_pixels++ == 0) out.unknown = stored.beyond.first;
      labels[i] = void_label, out.void_pixels++;
      continue;
    }
    const Color color{p[0], p[1], p[2]};
    if (fresh || color != last) {
      found = nullptr;
      for (const LabelCoding::ColorLabel& known : coding.colors)
        if (known.color == color) found = &known;
      last = color, fresh = false;
    }
    labels[i] = found ? found->label : void_label;
    if (labels[i] == void_label) out.void_pixels++;
    if (found) continue;
    if (out.unknown_pixels == 0) out.unknown = core::sentence("color ", int(p[0]), " ", int(p[1]), " ", int(p[2]));
    out.unknown_pixels++;
  }
  return out;
}

}  // namespace strata::data
