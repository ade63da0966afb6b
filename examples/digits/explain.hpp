// SPDX-License-Identifier: MIT
// Where the network sees a digit: `predict --explain`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "options.hpp"

namespace digits {

/// Writes NAME_explained_DIGIT.png for the image NAME, ten times as large as what the network reads.
class Explainer {
 public:
  /// The settings outlive this object. Throws strata::Error for a layer that does not serve, for two images of the same
  /// name, whose overlays would overwrite each other, and if the folder cannot be written.
  explicit Explainer(const PredictSettings&);
  ~Explainer();

  /// digit: what the network reads of the image, [28][28].
  void explain(const std::string& image, const std::uint8_t* digit);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace digits
