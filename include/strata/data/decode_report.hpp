// SPDX-License-Identifier: MIT
// What was met while the labels of a set were decoded, and sentences for those who wonder about it.
#pragma once

#include <string>
#include <vector>

#include <strata/core/error.hpp>

namespace strata {

/// Sums over the pictures that were decoded so far, each counted once.
struct DecodeReport {
  int pictures = 0;
  long pixels = 0;
  long void_pixels = 0;     ///< of no class; those of the next two numbers are among them
  long unknown_pixels = 0;  ///< whose index or colour the coding does not know
  long marked_pixels = 0;   ///< of the index 255, which means void
  int pictures_with_unknown = 0, pictures_with_marked = 0;
  bool only_0_and_255 = true;  ///< every index that was met, as in binary masks
  std::string unknown;         ///< that of the lowest sample: "colour 1 2 3 in PATH"
};

/// What is worth a look, a sentence each; nothing where all is well.
inline std::vector<std::string> remarks(const DecodeReport& report) {
  std::vector<std::string> out;
  const auto of = [](long pixels, int pictures) {
    return sentence(pixels, pixels == 1 ? " pixel of " : " pixels of ", pictures,
                    pictures == 1 ? " picture" : " pictures");
  };
  if (report.unknown_pixels > 0)
    out.push_back(sentence(of(report.unknown_pixels, report.pictures_with_unknown),
                           " have labels that the class list does not know (the first: ", report.unknown,
                           "); they are void"));
  if (report.marked_pixels > 0)
    out.push_back(
        sentence(of(report.marked_pixels, report.pictures_with_marked), " have the label 255, which means void",
                 report.only_0_and_255 ? "; all others are 0: if these are binary masks, store 1 instead of 255" : ""));
  return out;
}

}  // namespace strata
