// SPDX-License-Identifier: MIT
// A model whose network is chosen at run time, by its name among the networks that the program is compiled with. Needs
// strata::safetensors (nlohmann-json).
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/samples/views.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/core/text/text.hpp>
#include <strata/cpu/cpu.hpp>
#include <strata/io/weights.hpp>
#include <strata/train/model.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::infer {

/// A network under the name by which a program chooses it, and the back end that runs it: Entry<"digits", Digits<>>.
/// The name is UTF-8 without control characters.
template <core::FixedString Name, class Net, class Backend = Cpu>
struct Entry {
  static_assert(Name.text[0] != 0 && core::is_plain_name(Name.text),
                "strata: the name of a network is UTF-8 without control characters, its parts joined by single dots; "
                "write Entry<\"digits\", Digits<>>");
  static constexpr const char* name = Name.text;  ///< of the network
  using model = Model<Net, Backend>;              ///< what AnyModel holds if it is chosen
};

/// The networks that a program is compiled with: Networks<Entry<"digits", Digits<>>, Entry<"streets", Streets>>.
template <class... Listed>
struct Networks {
  static_assert(sizeof...(Listed) > 0, "strata: a list without networks offers no choice; give it at least one Entry");
  static constexpr int count = sizeof...(Listed);                             ///< the number of networks
  static constexpr const char* names[sizeof...(Listed)] = {Listed::name...};  ///< of the networks, in this order

 private:
  static constexpr bool all_differ() {
    for (int i = 0; i < count; i++)
      for (int j = 0; j < i; j++)
        if (core::same_text(names[i], names[j])) return false;
    return true;
  }
  static_assert(all_differ(), "strata: two networks of a list have the same name; rename one");
};

/// A source or a head of a model.
struct AnyPort {
  std::string name;  ///< empty: the network has no other, and did not name it
  Shape shape{};     ///< of one image
};

namespace detail {

struct Dispatcher;  // dispatch.hpp

/// The first ports of a network.
template <class Net>
std::vector<AnyPort> ports_of(const graph::Port* ports, int count) {
  std::vector<AnyPort> out;
  for (int i = 0; i < count; i++) out.push_back({ports[i].name, graph::lowered<Net>.graph.nodes[ports[i].value].out});
  return out;
}

/// A model without its type.
class HeldModel {
 public:
  virtual ~HeldModel() = default;
  virtual std::vector<AnyPort> sources() const = 0;
  virtual std::vector<AnyPort> heads() const = 0;
  virtual int batch() const = 0;  ///< images that it predicts at once
  virtual const std::vector<std::string>& classes() const = 0;
  virtual void load(const std::string& path, const io::LoadOptions& options) = 0;
  virtual void load_bytes(std::span<const std::byte> file, const std::string& name, const io::LoadOptions& options) = 0;
  virtual void predict(const Images& images, std::span<float> result) const = 0;
};

template <class Net, class Backend>
class HeldModelOf final : public HeldModel {
 public:
  explicit HeldModelOf(const training::ModelOptions& options) : model_(options) {}

  std::vector<AnyPort> sources() const override {
    return ports_of<Net>(graph::lowered<Net>.sources, graph::lowered<Net>.source_count);
  }
  std::vector<AnyPort> heads() const override {
    return ports_of<Net>(graph::lowered<Net>.heads, graph::lowered<Net>.inference_heads);
  }
  int batch() const override { return model_.evaluation_batch(); }
  const std::vector<std::string>& classes() const override { return model_.classes(); }
  void load(const std::string& path, const io::LoadOptions& options) override { io::load(model_, path, options); }
  void load_bytes(std::span<const std::byte> file, const std::string& name, const io::LoadOptions& options) override {
    io::load_bytes(model_, file, name, options);
  }
  void predict(const Images& images, std::span<float> result) const override { model_.predict(images, result); }

 private:
  Model<Net, Backend> model_;
};

template <class Net, class Backend>
std::unique_ptr<HeldModel> hold_model(const Model<Net, Backend>*, const training::ModelOptions& options) {
  return std::make_unique<HeldModelOf<Net, Backend>>(options);
}
template <class Held>
std::unique_ptr<HeldModel> hold(const training::ModelOptions& options) {
  return hold_model(static_cast<const Held*>(nullptr), options);
}

using Hold = std::unique_ptr<HeldModel> (*)(const training::ModelOptions&);

/// The number of the name among `names`. Throws Error if it is not there.
inline int chosen(const std::string& name, std::span<const char* const> names) {
  for (std::size_t i = 0; i < names.size(); i++)
    if (name == names[i]) return int(i);
  std::string all;
  for (const char* other : names) all += (all.empty() ? "" : ", ") + std::string(other);
  throw Error("there is no network '", core::printable(name), "'; choose one of: ", all);
}

}  // namespace detail

/// A model of one of several networks, for prediction; its shapes are known at run time. Several threads may use one
/// const AnyModel& at once: predictions take turns, each on all threads of the model. load() and moves need exclusive
/// access.
class AnyModel {
 public:
  /// A model of the network of that name, with initial weights: load() reads trained ones. Throws Error if the list has
  /// no such name, and as Model does.
  template <class List>
  static AnyModel create(const std::string& name, const training::ModelOptions& options = {}) {
    return create(List{}, name, options);
  }

  /// The name by which the network was chosen.
  const std::string& name() const { return name_; }
  /// The sources, in the order of Inputs; one for a network with a single image.
  const std::vector<AnyPort>& sources() const { return sources_; }
  /// The heads, in the order of Outputs, without those that are only in training; one for a network with a single
  /// output.
  const std::vector<AnyPort>& heads() const { return heads_; }
  /// Of one image, of the first source.
  Shape input() const { return sources_[0].shape; }
  /// Of one image's scores, of the first head.
  Shape output() const { return heads_[0].shape; }
  /// The names of the output channels of the first head, as the loaded file has them; empty: it has none.
  const std::vector<std::string>& classes() const { return held_->classes(); }

  /// Reads a file of weights. Throws Error if it is damaged, belongs to another network or fails the check that the
  /// options ask for, and then leaves the model as it was.
  void load(const std::string& path, const io::LoadOptions& options = {}) { held_->load(path, options); }
  /// The same from such a file in memory, its bytes in the order of the file; `name` is for messages. Throws Error
  /// likewise.
  void load_bytes(std::span<const std::byte> file, const std::string& name, const io::LoadOptions& options = {}) {
    held_->load_bytes(file, name, options);
  }

  /// Writes the scores of images [count][H][W][C] to result[count][H'][W'][classes]; of several heads, one after
  /// another. The images of sources after the first are Images::more. Throws Error if the sizes do not fit, or there is
  /// not enough memory.
  void predict(const Images& images, std::span<float> result) const { held_->predict(images, result); }

  /// Writes the most probable class of each image to result[count], or of a network that ends in a map, of each pixel
  /// to result[count][H'][W']. Of equal scores, the first counts. Throws Error if the sizes do not fit, or the network
  /// has several heads or a single output channel, and as predict does.
  void classify(const Images& images, std::span<std::int32_t> result) const {
    if (heads_.size() > 1)
      throw Error("classify: the network '", name_, "' has ", heads_.size(),
                  " heads, so it is not clear which one gives the class; use predict");
    const Shape out = output();
    if (out.channels < 2)
      throw Error("classify: the network '", name_,
                  "' has one output channel, so there is no class to choose; use predict");
    if (images.count < 0) throw Error("classify: ", images.count, " images were given; give 0 or more");
    const long needed = long(images.count) * out.pixels();
    if (long(result.size()) != needed)
      throw Error("classify: the result has ", result.size(), " places for classes, but ", images.count,
                  " images need ", needed, "; give a span of ", needed);
    std::int32_t* to = result.data();
    std::vector<float> scores;
    for (int first = 0; first < images.count;) {  // in parts, so that the scores of many maps fit in memory
      const int count = std::min(images.count - first, held_->batch());
      scores.resize(std::size_t(count * out.size()));
      predict(core::PartOfImages(images, first, count, sizes_).images(), scores);
      for (std::size_t at = 0; at < scores.size(); at += std::size_t(out.channels)) {
        const float* const pixel = scores.data() + at;
        *to++ = std::int32_t(std::max_element(pixel, pixel + out.channels) - pixel);
      }
      first += count;
    }
  }

 private:
  friend struct detail::Dispatcher;

  AnyModel(std::string name, std::unique_ptr<detail::HeldModel> held)
      : name_(std::move(name)), held_(std::move(held)), sources_(held_->sources()), heads_(held_->heads()) {
    for (const AnyPort& source : sources_) sizes_.push_back(source.shape.size());
  }

  template <class... Listed>
  static AnyModel create(Networks<Listed...>, const std::string& name, const training::ModelOptions& options) {
    static constexpr detail::Hold holds[] = {&detail::hold<typename Listed::model>...};
    return {name, holds[detail::chosen(name, Networks<Listed...>::names)](options)};
  }

  std::string name_;
  std::unique_ptr<detail::HeldModel> held_;
  std::vector<AnyPort> sources_, heads_;
  std::vector<long> sizes_;  ///< numbers per image of each source
};

}  // namespace strata::infer
