// SPDX-License-Identifier: MIT
// A metric by name: what a validation measures in addition to the loss, and by which the best model may be kept.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/metrics/metrics.hpp>

namespace strata::metrics {

/// What the outputs of a network are, as far as metrics care; bits of Metric::measures.
struct OutputKind {
  /// One kind of outputs, a bit.
  enum Kind : unsigned {
    classes = 1,        ///< probabilities of classes, compared with a label
    decisions = 2,      ///< in each channel the probability of a yes, compared with a target from 0 to 1
    distributions = 4,  ///< probabilities of classes, compared with a probability of each
    values = 8          ///< numbers, compared with numbers
  };
  static constexpr unsigned all = classes | decisions | distributions | values;  ///< any of them
};

/// The outputs for one image, or for all images of a set, and what they should have been.
struct Scored {
  OutputKind::Kind are = OutputKind::values;  ///< what the outputs are
  const float* outputs = nullptr;             ///< [pixels][channels]: probabilities, or of values the output itself
  const std::int32_t* labels = nullptr;       ///< [pixels] of classes; below 0: ignored; null: there are targets
  const float* targets = nullptr;  ///< [pixels][channels] of all others; NaN: ignored; null: there are labels
  long pixels = 0;                 ///< rows; 1 for an image with one label
  int channels = 0;                ///< numbers in a row
};

/// Computes a metric over a set.
class Meter {
 public:
  virtual ~Meter() = default;
  /// One of the same kind that has seen no image.
  virtual std::unique_ptr<Meter> fresh() const = 0;
  /// Adds one image.
  virtual void add(const Scored& image) = 0;
  /// Of all images; NaN: not defined.
  virtual double value() const = 0;
};

/// Which of two values of a metric is the better one: the higher or the lower.
enum class Better : unsigned char { higher, lower };

/// A metric: what top(), precision(), recall(), f1(), auc(), mae(), rmse() and own() return.
struct Metric {
  std::string name{};                    ///< in records, files and options
  Better better = Better::higher;        ///< which of two values is better
  unsigned measures = 0;                 ///< which OutputKind: bits
  std::shared_ptr<const Meter> meter{};  ///< of which each evaluation uses a fresh one
  /// Of labels, from their confusion matrix and `which`, so that a GPU need not send its outputs; null: `meter` it is.
  double (*of_confusion)(const Confusion&, int which) = nullptr;
  int which = -1;      ///< the class or channel; -1: all
  int channels = 1;    ///< the outputs have at least so many
  std::string head{};  ///< of a network with several heads: the one that it measures; empty: the first

  /// The same of another head: f1().of("boxes") is named "boxes.f1".
  Metric of(const std::string& of_head) const {
    Metric out = *this;
    out.head = of_head, out.name = of_head + '.' + name;
    return out;
  }
};

namespace detail {

/// All images of a set as one, for a function of the user.
template <class F>
class Gathering final : public Meter {
 public:
  explicit Gathering(const F& f) : f_(f) {}
  std::unique_ptr<Meter> fresh() const override { return std::make_unique<Gathering>(f_); }
  void add(const Scored& image) override {
    const auto floats = std::size_t(image.pixels * image.channels);
    are_ = image.are, channels_ = image.channels, pixels_ += image.pixels;
    outputs_.insert(outputs_.end(), image.outputs, image.outputs + floats);
    if (image.labels) labels_.insert(labels_.end(), image.labels, image.labels + image.pixels);
    else targets_.insert(targets_.end(), image.targets, image.targets + floats);
  }
  double value() const override {
    return double(f_(Scored{are_, outputs_.data(), are_ == OutputKind::classes ? labels_.data() : nullptr,
                            are_ == OutputKind::classes ? nullptr : targets_.data(), pixels_, channels_}));
  }

 private:
  F f_;
  OutputKind::Kind are_ = OutputKind::values;
  long pixels_ = 0;
  int channels_ = 0;
  std::vector<float> outputs_, targets_;
  std::vector<std::int32_t> labels_;
};

/// A struct of the user with add() and value().
template <class T>
class Own final : public Meter {
 public:
  explicit Own(const T& first) : first_(first), own_(first) {}
  std::unique_ptr<Meter> fresh() const override { return std::make_unique<Own>(first_); }
  void add(const Scored& image) override { own_.add(image); }
  double value() const override { return double(own_.value()); }

 private:
  T first_, own_;
};

}  // namespace detail

/// A metric of your own. M is a function double(const Scored& set), called once with all images, whose outputs are kept
/// until then; or a struct with add(const Scored& image) and value(), copied for each evaluation. measures: the bits of
/// the kinds of outputs that it takes.
template <class M>
Metric own(const std::string& name, Better better, const M& metric, unsigned measures = OutputKind::all) {
  Metric out{.name = name, .better = better, .measures = measures};
  if constexpr (requires(M m, const Scored& s) { m.add(s), double(m.value()); })
    out.meter = std::make_shared<detail::Own<M>>(metric);
  else out.meter = std::make_shared<detail::Gathering<M>>(metric);
  return out;
}

/// What outputs are, in words.
inline std::string words_of(unsigned outputs) {
  std::string out;
  const auto add = [&](unsigned bit, const char* words) {
    if (outputs & bit) out += (out.empty() ? "" : " or ") + std::string(words);
  };
  add(OutputKind::classes, "classes with labels"), add(OutputKind::decisions, "decisions with targets from 0 to 1");
  add(OutputKind::distributions, "classes with a probability of each"), add(OutputKind::values, "values");
  return out;
}

}  // namespace strata::metrics
