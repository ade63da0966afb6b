// SPDX-License-Identifier: MIT
// Where the network sees a class: `predict --explain`.
#pragma once

#include <memory>
#include <string>

#include <strata/data/class_list.hpp>
#include <strata/data/picture.hpp>

#include "../shared/processor.hpp"
#include "options.hpp"

namespace street_scenes {

/// Writes PATH_explained_CLASS.png for the classes of the settings that the network finds in a picture. Computes on the
/// CPU, one backward pass per class.
class Explainer {
 public:
  /// classes: of the model. Settings and classes outlive this object. Throws strata::Error for a layer that does not
  /// serve and for a class that the model does not have.
  Explainer(const PredictSettings&, const strata::data::ClassList& classes, const shared::Processor&);
  ~Explainer();

  /// input: what the network reads of the picture, whose part of size `scaled`, from the top left, shows it; the rest
  /// is padding.
  void explain(const strata::data::Picture& picture, const strata::data::Picture& input, strata::Shape scaled,
               const std::string& path);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace street_scenes
