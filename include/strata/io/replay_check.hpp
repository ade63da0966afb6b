// SPDX-License-Identifier: MIT
// Makes the check of a model that is saved, and replays that of a file that is loaded, without changing the model.
// Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/aligned.hpp>
#include <strata/core/model_like.hpp>
#include <strata/core/samples/views.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/io/weight_check.hpp>

namespace strata::io {

/// A model that can predict with numbers that are not its own, as Model<Net> can on every back end.
template <class M>
concept checkable = core::model_like<const M> &&
    requires(const M& model, std::span<const float> numbers, std::span<float> result, const core::Images& images) {
  { M::input.size() } -> std::convertible_to<long>;
  { M::output.size() } -> std::convertible_to<long>;
  { M::input.channels } -> std::convertible_to<int>;
  { model.input_scaling() } -> std::same_as<core::InputScaling>;
  model.parameters().size() + model.buffers().size();
  model.predict_with(numbers, numbers, images, result);
};

namespace detail {

/// The numbers that a model predicts from one image, or from one of each source: those of all its heads.
template <checkable Model>
constexpr long outputs_per_image() {
  if constexpr (requires { Model::result_floats; }) return Model::result_floats;
  else return Model::output.size();
}

/// The outputs that a check records, of a model with these numbers. Sources after the first are given numbers around 0
/// with a deviation of 1.
template <checkable Model>
std::vector<float> outputs_of(const Model& model, std::span<const float> parameters, std::span<const float> buffers,
                              std::uint64_t seed, const core::InputScaling& input) {
  const std::vector<float> image = drawn_image(seed, Model::input.size(), Model::input.channels, input);
  core::Images images{.floats = image.data(), .count = 1};
  std::vector<std::vector<float>> others;
  std::vector<core::Images> more;
  if constexpr (requires { Model::image_sizes; }) {
    for (std::size_t s = 1; s < Model::image_sizes.size(); s++)
      others.push_back(drawn_image(seed + s, Model::image_sizes[s], 1, {.mean = {0}, .deviation = {1}}));
    for (const std::vector<float>& other : others) more.push_back({.floats = other.data(), .count = 1});
    if (!more.empty()) images.more = more.data();
  }
  core::Floats result(static_cast<std::size_t>(outputs_per_image<Model>()));
  model.predict_with(parameters, buffers, images, result);
  return checked(seed, result);
}

/// The parameters and buffers that the model would have after put(tensor, place) wrote the numbers of each of its
/// tensors.
template <class Model, class Put>
std::pair<core::Floats, core::Floats> numbers_with(const Model& model, const Put& put) {
  const auto parameters = model.parameters(), buffers = model.buffers();
  std::pair out(core::Floats(parameters.begin(), parameters.end()), core::Floats(buffers.begin(), buffers.end()));
  const auto place = [](const float* data, const auto& all, core::Floats& copy) -> float* {
    const bool inside = !std::less<>()(data, all.data()) && std::less<>()(data, all.data() + all.size());
    return inside ? copy.data() + (data - all.data()) : nullptr;
  };
  for (const core::ConstNamedTensor& tensor : model.tensors()) {
    float* to = place(tensor.data, parameters, out.first);
    if (!to) to = place(tensor.data, buffers, out.second);
    if (to) put(tensor, to);
  }
  return out;
}

/// The check of a file that will hold the model's numbers in this precision.
template <checkable Model>
WeightCheck check_of(const Model& model, SavePrecision precision) {
  WeightCheck out{.input = expected_input(model.input_scaling()), .of = std::uint64_t(outputs_per_image<Model>())};
  if (precision == SavePrecision::fp32) {
    out.outputs = outputs_of(model, model.parameters(), model.buffers(), out.seed, out.input);
    return out;
  }
  const auto [parameters, buffers] = numbers_with(model, [](const core::ConstNamedTensor& tensor, float* to) {
    if (stays_f32(tensor)) return;
    std::transform(tensor.data, tensor.data + tensor.size(), to,
                   [](float x) { return float_of_half(half_of_float(x)); });
  });
  out.outputs = outputs_of(model, parameters, buffers, out.seed, out.input);
  return out;
}

/// The text of that check; empty if the model does not predict, for lack of memory or at all, or not with finite
/// numbers: a file without a check is better than none.
template <class Model>
std::string check_text(const Model& model, SavePrecision precision) {
  if constexpr (!checkable<Model>) return "";
  else try {
      return text_of(check_of(model, precision));
    } catch (const Error&) {
      return "";
    } catch (const std::bad_alloc&) {
      return "";
    }
}

/// Replays the check of a file whose tensors fit; names: its tensors under the names of the model. Throws Error if it
/// has none or fails.
template <class Model>
void verify(const Model& model, const Safetensors& file, const Safetensors& names, float tolerance) {
  if (!core::is_finite(tolerance) || tolerance < 0)
    throw Error(file.name, ": cannot be verified within ", double(tolerance),
                "; give a tolerance relative to the largest output, such as 1e-4");
  if constexpr (!checkable<Model>) {
    throw Error(file.name, ": cannot be verified by a model that does not predict; load it without verify");
  } else {
    const auto stored = file.metadata.find(check_key);
    if (stored == file.metadata.end())
      throw Error(file.name, ": has no check to verify (no ", check_key,
                  " in its metadata); load it without verify, and save it again where its predictions are known to be "
                  "right");
    const WeightCheck theirs = parse_check(stored->second, file.name);
    if (theirs.of != std::uint64_t(outputs_per_image<Model>()))
      throw Error(file.name, ": its check is of a network with ", core::decimal(theirs.of),
                  " outputs, but this one has ", outputs_per_image<Model>(),
                  "; verify it with the network that wrote it");
    for (const std::vector<float>* numbers : {&theirs.input.mean, &theirs.input.deviation})
      if (numbers->size() != 1 && long(numbers->size()) != Model::input.channels)
        throw Error(file.name, ": its check is for an input of ", numbers->size(), " channels, but the network has ",
                    Model::input.channels, "; verify it with the network that wrote it");
    const auto [parameters, buffers] = numbers_with(model, [&](const core::ConstNamedTensor& ours, float* to) {
      if (const StoredTensor* stored_tensor = names.find(ours.name)) copy_floats(file, *stored_tensor, to);
    });
    const double differs =
        largest_difference(outputs_of(model, parameters, buffers, theirs.seed, theirs.input), theirs.outputs);
    if (!(differs <= double(tolerance)))
      throw Error(file.name, ": fails its check: for the same input, an output differs from the recorded one by ",
                  differs, " of the largest, and ", double(tolerance),
                  " is allowed; get the file again, or allow more if a GPU of another precision wrote it");
  }
}

}  // namespace detail
}  // namespace strata::io
