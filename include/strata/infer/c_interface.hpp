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
#include <vector>

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

/// "2 sources", "1 head".
inline std::string counted(std::size_t count, const char* what) {
  return core::sentence(count, ' ', what, count == 1 ? "" : "s");
}

/// Throws Error for a network with several sources or heads.
inline void require_one_of_each(const AnyModel& model, const char* function) {
  if (model.sources().size() > 1 || model.heads().size() > 1)
    throw Error(function, ": the network '", model.name(), "' has ", counted(model.sources().size(), "source"), " and ",
                counted(model.heads().size(), "head"), "; call strata_predict_heads");
}

/// Checks the arguments of a prediction and calls predict(images, results); results_per_image(model): how many.
template <class Number, class Result, class PerImage, class Predict>
strata_status predict(const strata_model* handle, const char* function, const Number* numbers, std::size_t size,
                      Result* results, std::size_t results_size, PerImage&& results_per_image,
                      Predict&& predict) noexcept {
  Images images;
  const strata_status status = guarded(STRATA_INVALID_ARGUMENT, [&] {
    require(handle, function, "model");
    require_one_of_each(handle->model, function);
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

/// The images of a source, whose number of elements must be a multiple of an image's.
inline Images images_of(const char* function, const AnyPort& source, const strata_images& given) {
  const std::string name = "the images of the source '" + source.name + "'";
  if (given.size > 0 && bool(given.floats) == bool(given.bytes))
    throw Error(function, ": ", name, given.floats ? " are given as floats and as bytes" : " are a null pointer",
                "; give one of the two");
  const std::size_t one = std::size_t(source.shape.size()), count = given.size / one;
  if (given.size % one != 0)
    throw Error(function, ": ", name, " have ", given.size, " elements, but each has ", one, ": ", source.shape.height,
                " x ", source.shape.width, " x ", source.shape.channels, "; give whole images");
  if (count > std::size_t(std::numeric_limits<std::int32_t>::max()))
    throw Error(function, ": ", count, " images were given; give at most ", std::numeric_limits<std::int32_t>::max());
  return {.floats = given.floats, .bytes = given.bytes, .count = int(count)};
}

inline strata_status predict_heads(const strata_model* handle, const strata_images* sources, std::int32_t source_count,
                                   const strata_scores* heads, std::int32_t head_count) noexcept {
  constexpr const char* function = "strata_predict_heads";
  Images images[core::max_ports];
  const strata_status status = guarded(STRATA_INVALID_ARGUMENT, [&] {
    require(handle, function, "model");
    require(sources, function, "sources");
    require(heads, function, "heads");
    const AnyModel& model = handle->model;
    const auto check_count = [&](std::int32_t count, std::size_t has, const char* what) {
      if (count < 0 || std::size_t(count) != has)
        throw Error(function, ": ", count, ' ', what, count == 1 ? "" : "s", count == 1 ? " was" : " were",
                    " given, but the network '", model.name(), "' has ", counted(has, what), "; give one for each");
    };
    check_count(source_count, model.sources().size(), "source");
    check_count(head_count, model.heads().size(), "head");
    for (std::int32_t s = 0; s < source_count; s++) {
      images[s] = images_of(function, model.sources()[std::size_t(s)], sources[s]);
      if (images[s].count != images[0].count)
        throw Error(function, ": ", images[s].count, " images were given for the source '",
                    model.sources()[std::size_t(s)].name, "', but ", images[0].count, " for '", model.sources()[0].name,
                    "'; give as many of each");
    }
    for (std::int32_t h = 0; h < head_count; h++) {
      const AnyPort& head = model.heads()[std::size_t(h)];
      const std::size_t needed = std::size_t(images[0].count) * std::size_t(head.shape.size());
      if (heads[h].size != needed)
        throw Error(function, ": the result of the head '", head.name, "' has ", heads[h].size, " elements, but ",
                    images[0].count, " images need ", needed, "; give an array of ", needed);
      if (needed > 0) require(heads[h].scores, function, "the result");
    }
  });
  if (status != STRATA_OK || images[0].count == 0) return status;
  if (source_count > 1) images[0].more = images + 1;
  return guarded(STRATA_OUT_OF_MEMORY, [&] {
    std::size_t size = 0;
    for (std::int32_t h = 0; h < head_count; h++) size += heads[h].size;
    std::vector<float> scores(size);  // of one head after another
    handle->model.predict(images[0], scores);
    const float* from = scores.data();
    for (std::int32_t h = 0; h < head_count; from += heads[h++].size) std::copy_n(from, heads[h].size, heads[h].scores);
  });
}

/// The name of a source or a head; null: there is none.
inline const char* port_name(const strata_model* model, std::int32_t index,
                             const std::vector<AnyPort>& (AnyModel::*ports)() const) noexcept {
  if (!model || index < 0 || std::size_t(index) >= (model->model.*ports)().size()) return nullptr;
  return (model->model.*ports)()[std::size_t(index)].name.c_str();
}

inline strata_status port_shape(const strata_model* model, const char* function, std::int32_t index, strata_shape* to,
                                const std::vector<AnyPort>& (AnyModel::*ports)() const) noexcept {
  return guarded(STRATA_INVALID_ARGUMENT, [&] {
    require(model, function, "model");
    require(to, function, "shape");
    const std::vector<AnyPort>& all = (model->model.*ports)();
    if (index < 0 || std::size_t(index) >= all.size())
      throw Error(function, ": there is no number ", index, "; give 0 to ", all.size() - 1);
    const Shape s = all[std::size_t(index)].shape;
    *to = {s.height, s.width, s.channels};
  });
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

template <class List>
inline constexpr ListOfNetworks listed_networks{List::names, &AnyModel::create<List>};

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
    int32_t strata_source_count(const strata_model* model) {                                                           \
      return model ? int32_t(model->model.sources().size()) : 0;                                                       \
    }                                                                                                                  \
    int32_t strata_head_count(const strata_model* model) { return model ? int32_t(model->model.heads().size()) : 0; }  \
    const char* strata_source_name(const strata_model* model, int32_t index) {                                         \
      return strata::infer::detail::port_name(model, index, &strata::infer::AnyModel::sources);                        \
    }                                                                                                                  \
    const char* strata_head_name(const strata_model* model, int32_t index) {                                           \
      return strata::infer::detail::port_name(model, index, &strata::infer::AnyModel::heads);                          \
    }                                                                                                                  \
    strata_status strata_source_shape(const strata_model* model, int32_t index, strata_shape* shape) {                 \
      return strata::infer::detail::port_shape(model, __func__, index, shape, &strata::infer::AnyModel::sources);      \
    }                                                                                                                  \
    strata_status strata_head_shape(const strata_model* model, int32_t index, strata_shape* shape) {                   \
      return strata::infer::detail::port_shape(model, __func__, index, shape, &strata::infer::AnyModel::heads);        \
    }                                                                                                                  \
    strata_status strata_predict_heads(const strata_model* model, const strata_images* sources, int32_t source_count,  \
                                       const strata_scores* heads, int32_t head_count) {                               \
      return strata::infer::detail::predict_heads(model, sources, source_count, heads, head_count);                    \
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
