// SPDX-License-Identifier: MIT
// Reports a rejected network as one sentence. gcc prints a string template argument as text. clang 14 prints its
// character codes and stops after the first failed assertion, so for clang the sentence is spelled with types, numbers
// and characters. Compilers with generated static_assert messages print the sentence itself.
#pragma once

#include <strata/graph/builder.hpp>

#include <utility>

namespace strata {

namespace graph {

/// What is wrong, and what to do.
struct Explanation {
  const char *reason, *remedy;
};

constexpr Explanation explain(Reason why) {
  switch (why) {
    case Reason::window_larger_than_input:
      return {"the window is larger than its input", "use a smaller kernel or dilation, pad, or remove a pool before it"};
    case Reason::padding_not_smaller_than_window:
      return {"the padding is not smaller than the window", "pad less: some windows would contain only padding"};
    case Reason::branches_differ_in_shape:
      return {"the branches differ in shape", "give the shortcut a convolution with the same stride and channels"};
    case Reason::branches_differ_in_size:
      return {"the branches differ in rows or columns", "crop or resize one of them, for example with CropTo<\"name\">"};
    case Reason::unknown_tap: return {"no earlier Tap has that name", "move the Tap earlier or correct the name"};
    case Reason::duplicate_tap: return {"an earlier Tap has the same name", "give each Tap a unique name"};
    case Reason::unused_tap: return {"nothing reads the Tap", "use it with From or CropTo, or remove it"};
    case Reason::channels_do_not_divide:
      return {"its output channels are not a multiple of its input channels", "choose a multiple"};
    case Reason::options_contradict: return {"the options contradict each other", "keep one of them"};
    case Reason::not_an_option: return {"the layer does not take that option", "remove it"};
    case Reason::size_not_positive: return {"a size is not positive", "sizes, strides, dilations and channels start at 1, padding at 0"};
    case Reason::crop_larger_than_input: return {"the crop is larger than its input", "crop to something smaller, or enlarge first"};
    case Reason::vector_expected: return {"it needs a vector but gets a map", "put Dense or GlobalAvgPool before it, or use PixelSoftmax"};
    case Reason::map_expected: return {"it needs a map but gets a vector", "use Softmax"};
    case Reason::head_is_not_softmax:
      return {"the loss needs a softmax as the last layer", "end the network in Softmax or PixelSoftmax to train it"};
    case Reason::no_layers: return {"the network has no layers", "add at least one after the input"};
    case Reason::no_branches: return {"it has no branches", "give it at least one"};
    case Reason::probability_out_of_range: return {"the probability is out of range", "choose at least 0 and less than 1"};
    case Reason::path_too_long:
      return {"its path is longer than 63 characters",
              "shorten the names above it, or leave parts out with Named<\"\", ...>"};
    case Reason::name_taken:
      return {"an earlier layer has a tensor with the same name", "give each layer a unique path with Named"};
    case Reason::name_not_plain:
      return {"its name cannot be stored in files or shown in terminals",
              "use visible characters and join parts with single dots"};
    case Reason::none: break;
  }
  return {"", ""};
}

/// Whether Verdict::other is part of the sentence.
constexpr bool has_other(Reason why) {
  return why == Reason::branches_differ_in_shape || why == Reason::branches_differ_in_size ||
         why == Reason::window_larger_than_input || why == Reason::crop_larger_than_input;
}

constexpr Text& operator<<(Text& out, Shape s) {
  out << s.height << 'x' << s.width;
  return s.channels > 0 ? out << 'x' << s.channels : out;
}

/// "strata: layer 3, MaxPool<5>, is given 4x4x16: the window is larger than its input (5x5); use ..."
constexpr Text sentence(const Verdict& v) {
  Text out("strata: layer ");
  out << v.path << ", ";
  v.spell(out);
  out << ", is given " << v.given << ": " << explain(v.why).reason;
  if (has_other(v.why) || v.detail[0]) {
    out << " (";
    if (has_other(v.why)) out << v.other;
    if (has_other(v.why) && v.detail[0]) out << ", ";
    out << v.detail << ')';
  }
  return out << "; " << explain(v.why).remedy;
}

}  // namespace graph

// --- the sentence as types, for clang
namespace because {
struct the_window_is_larger_than_its_input;
struct the_padding_is_not_smaller_than_the_window;
struct the_branches_differ_in_shape;
struct the_branches_differ_in_rows_or_columns;
struct no_earlier_tap_has_that_name;
struct an_earlier_tap_has_the_same_name;
struct nothing_reads_the_tap;
struct its_output_channels_are_not_a_multiple_of_its_input_channels;
struct the_options_contradict_each_other;
struct the_layer_does_not_take_that_option;
struct a_size_is_not_positive;
struct the_crop_is_larger_than_its_input;
struct it_needs_a_vector_but_gets_a_map;
struct it_needs_a_map_but_gets_a_vector;
struct the_loss_needs_a_softmax_as_the_last_layer;
struct the_network_has_no_layers;
struct it_has_no_branches;
struct the_probability_is_out_of_range;
struct its_path_is_longer_than_63_characters;
struct an_earlier_layer_has_a_tensor_with_the_same_name;
struct its_name_cannot_be_stored_in_files_or_shown_in_terminals;
}  // namespace because

template <char...>
struct layer;
template <char...>
struct spelled;
template <char...>
struct detail_is;
template <int... Sizes>
struct given;
template <int... Sizes>
struct against;
template <char...>
struct remedy;

namespace detail {

template <class...>
inline constexpr bool never = false;

template <class Where, class What, class Given, class Why, class... More>
struct rejected {
  static_assert(never<Where>, "strata: the network is rejected: the types say where, what, the shape it is given, why, and the remedy");
};

template <FixedString Sentence>
struct refused {
  static_assert(never<decltype(Sentence)>, "strata: the network is rejected: the sentence is the argument of this template");
  static constexpr bool said = true;
};

template <graph::Reason Why>
consteval auto because_of() {
  using enum graph::Reason;
  using namespace because;
  using std::type_identity;
  if constexpr (Why == window_larger_than_input) return type_identity<the_window_is_larger_than_its_input>{};
  else if constexpr (Why == padding_not_smaller_than_window) return type_identity<the_padding_is_not_smaller_than_the_window>{};
  else if constexpr (Why == branches_differ_in_shape) return type_identity<the_branches_differ_in_shape>{};
  else if constexpr (Why == branches_differ_in_size) return type_identity<the_branches_differ_in_rows_or_columns>{};
  else if constexpr (Why == unknown_tap) return type_identity<no_earlier_tap_has_that_name>{};
  else if constexpr (Why == duplicate_tap) return type_identity<an_earlier_tap_has_the_same_name>{};
  else if constexpr (Why == unused_tap) return type_identity<nothing_reads_the_tap>{};
  else if constexpr (Why == channels_do_not_divide) return type_identity<its_output_channels_are_not_a_multiple_of_its_input_channels>{};
  else if constexpr (Why == options_contradict) return type_identity<the_options_contradict_each_other>{};
  else if constexpr (Why == not_an_option) return type_identity<the_layer_does_not_take_that_option>{};
  else if constexpr (Why == size_not_positive) return type_identity<a_size_is_not_positive>{};
  else if constexpr (Why == crop_larger_than_input) return type_identity<the_crop_is_larger_than_its_input>{};
  else if constexpr (Why == vector_expected) return type_identity<it_needs_a_vector_but_gets_a_map>{};
  else if constexpr (Why == map_expected) return type_identity<it_needs_a_map_but_gets_a_vector>{};
  else if constexpr (Why == head_is_not_softmax) return type_identity<the_loss_needs_a_softmax_as_the_last_layer>{};
  else if constexpr (Why == no_layers) return type_identity<the_network_has_no_layers>{};
  else if constexpr (Why == no_branches) return type_identity<it_has_no_branches>{};
  else if constexpr (Why == path_too_long)
    return type_identity<its_path_is_longer_than_63_characters>{};
  else if constexpr (Why == name_taken)
    return type_identity<an_earlier_layer_has_a_tensor_with_the_same_name>{};
  else if constexpr (Why == name_not_plain)
    return type_identity<its_name_cannot_be_stored_in_files_or_shown_in_terminals>{};
  else return type_identity<the_probability_is_out_of_range>{};
}

/// Which<'a', 'b', ...> for the text that Make{}() returns.
template <template <char...> class Which, class Make>
consteval auto characters(Make) {
  return []<int... I>(std::integer_sequence<int, I...>) {
    return std::type_identity<Which<Make{}().text[I]...>>{};
  }(std::make_integer_sequence<int, Make{}().size>{});
}

template <class Source>
consteval auto fixed_sentence() {
  constexpr Text text = graph::sentence(Source::verdict);
  FixedString<text.size + 1> result;
  for (int i = 0; i < text.size; i++) result.text[i] = text.text[i];
  return result;
}

/// True, or a compile error with the sentence for Source::verdict.
template <class Source>
constexpr bool accept() {
  constexpr const graph::Verdict& v = Source::verdict;
  if constexpr (v.why != graph::Reason::none) {
#if defined(__cpp_static_assert) && __cpp_static_assert >= 202306L
    static_assert(never<Source>, graph::sentence(Source::verdict));
#elif defined(__clang__)
    using Where = typename decltype(characters<layer>([] { return Text(Source::verdict.path); }))::type;
    using What = typename decltype(characters<spelled>([] {
      Text t;
      Source::verdict.spell(t);
      return t;
    }))::type;
    using Remedy = typename decltype(characters<remedy>([] { return Text(graph::explain(Source::verdict.why).remedy); }))::type;
    using Detail = typename decltype(characters<detail_is>([] { return Text(Source::verdict.detail); }))::type;
    using Why = typename decltype(because_of<v.why>())::type;
    return sizeof(rejected<Where, What, given<v.given.height, v.given.width, v.given.channels>, Why,
                           against<v.other.height, v.other.width, v.other.channels>, Detail, Remedy>) > 0;
#else
    return refused<fixed_sentence<Source>()>::said;
#endif
  }
  return true;
}

}  // namespace detail
}  // namespace strata
