// SPDX-License-Identifier: MIT
// Defines the functions of c_interface.h for a list of networks. One file of a shared library has
// STRATA_C_INTERFACE(infer::Networks<...>), and strata_add_c_library() of CMake builds it so that it exports nothing
// else. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <strata/infer/c_interface.h>
#include <strata/core/error.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/infer/any_model.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// What the handles of c_interface.h point to.
struct strata_model {
  strata::infer::AnyModel model;  ///< never changed after its weights are loaded
};

namespace strata::infer::detail {

/// The text of strata_error(), of this thread. An array, since keeping it must not fail.
inline std::span<char> error_text() {
  thread_local char text[2048] = {};
  return text;
}

inline strata_status failed(strata_status status, std::string_view why) noexcept {
  const std::span<char> text = error_text();
  std::size_t size = std::min(why.size(), text.size() - 1);
  while (size > 0 && size < why.size() && (why[size] & 0xC0) == 0x80) size--;  // do not cut within a UTF-8 character
  std::copy_n(why.data(), size, text.data());
  text[size] = 0;
  return status;
}

/// Calls f and turns what it throws into a status; `status` is that of an Error.
template <class F>
strata_status guarded(strata_status status, F&& f) noexcept {
  try {
    f();
    return STRATA_OK;
  } catch (const Error& error) {
    return failed(status, error.what());
  } catch (const std::bad_alloc&) {
    return failed(STRATA_OUT_OF_MEMORY, "there is not enough memory; predict fewer images at once, or free some");
  } catch (const std::exception& error) {
    return failed(STRATA_FAILED, error.what());
  } catch (...) {
    return failed(STRATA_FAILED, "an exception of an unknown type was thrown; report this to the library's author");
  }
}

/// Throws Error unless the pointer is one.
inline void require(const void* pointer, const char* function, const char* argument) {
  if (!pointer) throw Error(function, ": ", argument, " is a null pointer; give a valid one");
}

/// A list of networks, as values.
struct ListOfNetworks {
  std::span<const char* const> names;
  AnyModel (*create)(const std::string& name, const training::ModelOptions& options);
};

/// strata_create_...(); read(model) loads the weights.
template <class Read>
strata_status create(const ListOfNetworks& list, const char* function, const char* network, const void* source,
                     const char* source_name, std::int32_t threads, strata_model** to, Read&& read) noexcept {
  std::unique_ptr<strata_model> made;
  strata_status status = guarded(STRATA_INVALID_ARGUMENT, [&] {
    require(network, function, "network");
    require(source, function, source_name);
    require(to, function, "model");
    (void)chosen(network, list.names);
    if (threads < 0 || threads > core::Workers::most)
      throw Error(function, ": ", threads, " threads were asked for; give 1 to ", core::Workers::most,
                  ", or 0 for one per core");
  });
  if (status == STRATA_OK)
    status = guarded(STRATA_OUT_OF_MEMORY, [&] {  // or of threads
      made = std::make_unique<strata_model>(strata_model{list.create(network, {.threads = threads})});
    });
  if (status == STRATA_OK) status = guarded(STRATA_INVALID_FILE, [&] { read(made->model); });
  if (status == STRATA_OK) *to = made.release();
  return status;
}

/// Checks the arguments of a prediction and calls predict(images, results); results_per_image(model): how many.
template <class Number, class Result, class PerImage, class Predict>
strata_status predict(const strata_model* handle, const char* function, const Number* numbers, std::size_t size,
                      Result* results, std::size_t results_size, PerImage&& results_per_image,
                      Predict&& predict) noexcept {
  Images images;
  const strata_status status = guarded(STRATA_INVALID_ARGUMENT, [&] {
    require(handle, function, "model");
    if (size > 0) require(numbers, function, "images");
    if (results_size > 0) require(results, function, "the result");
    const Shape input = handle->model.input();
    const std::size_t one = std::size_t(input.size()), count = size / one,
                      needed = count * std::size_t(results_per_image(handle->model.output()));
    if (size % one != 0)
      throw Error(function, ": the images have ", size, " elements, but each has ", one, ": ", input.height, " x ",
                  input.width, " x ", input.channels, "; give whole images");
    if (count > std::size_t(std::numeric_limits<std::int32_t>::max()))
      throw Error(function, ": ", count, " images were given; give at most ", std::numeric_limits<std::int32_t>::max());
    if (results_size != needed)
      throw Error(function, ": the result has ", results_size, " elements, but ", count, " images need ", needed,
                  "; give an array of ", needed);
    if constexpr (std::is_same_v<Number, float>) images.floats = numbers;
    else images.bytes = numbers;
    images.count = int(count);
  });
  if (status != STRATA_OK || images.count == 0) return status;
  return guarded(STRATA_OUT_OF_MEMORY, [&] { predict(images, std::span<Result>(results, results_size)); });
}

template <class Number>
strata_status predict_scores(const strata_model* model, const char* function, const Number* images, std::size_t size,
                             float* scores, std::size_t scores_size) noexcept {
  return predict(
      model, function, images, size, scores, scores_size, [](Shape output) { return output.size(); },
      [&](const Images& given, std::span<float> result) { model->model.predict(given, result); });
}

template <class Number>
strata_status predict_classes(const strata_model* model, const char* function, const Number* images, std::size_t size,
                              std::int32_t* classes, std::size_t classes_size) noexcept {
  return predict(
      model, function, images, size, classes, classes_size,
      [&](Shape output) {
        if (output.channels < 2)
          throw Error(function, ": the network '", model->model.name(),
                      "' has one output channel, so there is no class to choose; call strata_predict");
        return output.pixels();
      },
      [&](const Images& given, std::span<std::int32_t> result) { model->model.classify(given, result); });
}

inline strata_status shape_of(const strata_model* model, const char* function, strata_shape* to,
                              Shape (AnyModel::*shape)() const) noexcept {
  return guarded(STRATA_INVALID_ARGUMENT, [&] {
    require(model, function, "model");
    require(to, function, "shape");
    const Shape s = (model->model.*shape)();
    *to = {s.height, s.width, s.channels};
  });
}

inline strata_status create_from_file(const ListOfNetworks& list, const char* network, const char* path,
                                      std::int32_t threads, strata_model** to) noexcept {
  return create(list, "strata_create_from_file", network, path, "path", threads, to,
                [&](AnyModel& model) { model.load(path); });
}

inline strata_status create_from_memory(const ListOfNetworks& list, const char* network, const void* file,
                                        std::size_t bytes, std::int32_t threads, strata_model** to) noexcept {
  return create(list, "strata_create_from_memory", network, file, "file", threads, to, [&](AnyModel& model) {
    model.load_bytes({static_cast<const std::byte*>(file), bytes}, "the file in memory");
  });
}

inline const char* class_name(const strata_model* model, std::int32_t index) noexcept {
  if (!model || index < 0 || std::size_t(index) >= model->model.classes().size()) return nullptr;
  return model->model.classes()[std::size_t(index)].c_str();
}

/// Whether each network of a list has one source and one head in inference.
template <class List>
inline constexpr bool has_one_of_each = false;
template <class... Listed>
inline constexpr bool has_one_of_each<Networks<Listed...>> =
    ((Listed::model::sources == 1 && Listed::model::heads == 1) && ...);

template <class List>
inline constexpr ListOfNetworks listed_networks = [] {
  static_assert(has_one_of_each<List>,
                "strata: the functions of c_interface.h know one input and one output, but a network of the list has "
                "several; predict with it as an AnyModel");
  return ListOfNetworks{List::names, &AnyModel::create<List>};
}();

}  // namespace strata::infer::detail

/// Defines all functions of c_interface.h, for the networks of an infer::Networks<...>: in one file of a library,
/// outside of namespaces.
#define STRATA_C_INTERFACE(...)                                                                                        \
  _Pragma("GCC visibility push(default)") extern "C" {                                                                 \
    int32_t strata_abi_version(void) { return STRATA_ABI_VERSION; }                                                    \
    const char* strata_error(void) { return strata::infer::detail::error_text().data(); }                              \
    int32_t strata_network_count(void) { return __VA_ARGS__::count; }                                                  \
    const char* strata_network_name(int32_t index) {                                                                   \
      return index < 0 || index >= __VA_ARGS__::count ? nullptr : __VA_ARGS__::names[index];                           \
    }                                                                                                                  \
    strata_status strata_create_from_file(const char* network, const char* path, int32_t threads,                      \
                                          strata_model** model) {                                                      \
      return strata::infer::detail::create_from_file(strata::infer::detail::listed_networks<__VA_ARGS__>, network,     \
                                                     path, threads, model);                                            \
    }                                                                                                                  \
    strata_status strata_create_from_memory(const char* network, const void* file, size_t bytes, int32_t threads,      \
                                            strata_model** model) {                                                    \
      return strata::infer::detail::create_from_memory(strata::infer::detail::listed_networks<__VA_ARGS__>, network,   \
                                                       file, bytes, threads, model);                                   \
    }                                                                                                                  \
    void strata_destroy(strata_model* model) { delete model; }                                                         \
    const char* strata_model_name(const strata_model* model) { return model ? model->model.name().c_str() : nullptr; } \
    strata_status strata_input_shape(const strata_model* model, strata_shape* shape) {                                 \
      return strata::infer::detail::shape_of(model, __func__, shape, &strata::infer::AnyModel::input);                 \
    }                                                                                                                  \
    strata_status strata_output_shape(const strata_model* model, strata_shape* shape) {                                \
      return strata::infer::detail::shape_of(model, __func__, shape, &strata::infer::AnyModel::output);                \
    }                                                                                                                  \
    int32_t strata_class_count(const strata_model* model) {                                                            \
      return model ? int32_t(model->model.classes().size()) : 0;                                                       \
    }                                                                                                                  \
    const char* strata_class_name(const strata_model* model, int32_t index) {                                          \
      return strata::infer::detail::class_name(model, index);                                                          \
    }                                                                                                                  \
    strata_status strata_predict(const strata_model* model, const float* images, size_t images_size, float* scores,    \
                                 size_t scores_size) {                                                                 \
      return strata::infer::detail::predict_scores(model, __func__, images, images_size, scores, scores_size);         \
    }                                                                                                                  \
    strata_status strata_predict_bytes(const strata_model* model, const uint8_t* images, size_t images_size,           \
                                       float* scores, size_t scores_size) {                                            \
      return strata::infer::detail::predict_scores(model, __func__, images, images_size, scores, scores_size);         \
    }                                                                                                                  \
    strata_status strata_classify(const strata_model* model, const float* images, size_t images_size,                  \
                                  int32_t* classes, size_t classes_size) {                                             \
      return strata::infer::detail::predict_classes(model, __func__, images, images_size, classes, classes_size);      \
    }                                                                                                                  \
    strata_status strata_classify_bytes(const strata_model* model, const uint8_t* images, size_t images_size,          \
                                        int32_t* classes, size_t classes_size) {                                       \
      return strata::infer::detail::predict_classes(model, __func__, images, images_size, classes, classes_size);      \
    }                                                                                                                  \
  }                                                                                                                    \
  _Pragma("GCC visibility pop") static_assert(true)
