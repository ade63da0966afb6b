// SPDX-License-Identifier: MIT
// Reports a rejected network as one sentence. gcc prints a string template argument as text. clang 14 prints its
// character codes and stops after the first failed assertion, so for clang the sentence is spelled with types, numbers
// and characters. Compilers with generated static_assert messages (C++26, and clang 17 in any standard) print the
// sentence itself.
#pragma once

#include <strata/graph/declared/builder.hpp>

#include <utility>

namespace strata::graph {

/// What a sentence adds to its reason, in parentheses.
enum class Detail : unsigned char {
  none,
  text,  ///< Verdict::detail, if it is not empty: a name, an option, or what is wrong with it
  shape  ///< Verdict::other
};

/// What is wrong, what to do, and what the sentence adds. One entry per Reason, in its order.
struct Explanation {
  Reason why;
  const char *reason, *remedy;
  Detail detail = Detail::none;
};

inline constexpr Explanation explanations[] = {
    {Reason::none, "", ""},
    {Reason::window_larger_than_input, "the window is larger than its input",
     "use a smaller kernel or dilation, pad, or remove a pool before it", Detail::shape},
    {Reason::padding_not_smaller_than_window, "the padding is not smaller than the window",
     "pad less: some windows would contain only padding"},
    {Reason::branches_differ_in_shape, "the branches differ in shape",
     "give the shortcut a convolution with the same stride and channels", Detail::text},
    {Reason::branches_differ_in_size, "the branches differ in rows or columns",
     "crop or resize one of them, for example with CropTo<\"name\">", Detail::text},
    {Reason::branches_do_not_scale, "neither branch scales the other",
     "give them the same shape, or end one in a vector of the other's channels, as GlobalAvgPool and Conv<1, C> do",
     Detail::text},
    {Reason::unknown_tap, "no earlier Tap has that name", "move the Tap earlier or correct the name", Detail::text},
    {Reason::duplicate_tap, "an earlier Tap has the same name", "give each Tap a unique name", Detail::text},
    {Reason::too_many_taps, "it is one Tap more than a network may have", "remove it, or another Tap", Detail::text},
    {Reason::unused_tap, "nothing reads the Tap", "use it with From or CropTo, or remove it", Detail::text},
    {Reason::groups_do_not_divide, "its groups do not divide its input and output channels",
     "choose a number of groups that divides both"},
    {Reason::options_contradict, "the options contradict each other", "keep one of them", Detail::text},
    {Reason::option_not_taken, "the layer does not take that option", "remove it", Detail::text},
    {Reason::not_an_option, "one of its template arguments is not an option", "remove it, or make it the next layer",
     Detail::text},
    {Reason::size_not_positive, "a size is not positive",
     "sizes, strides, dilations and channels are whole numbers from 1, padding and offsets from 0"},
    {Reason::crop_larger_than_input, "the crop is larger than its input", "crop to something smaller, or enlarge first",
     Detail::shape},
    {Reason::pad_removes_all, "Pad removes all rows or columns of its output", "pad less", Detail::shape},
    {Reason::vector_expected, "it needs a vector but gets a map",
     "put Dense or GlobalAvgPool before it, or use PixelSoftmax"},
    {Reason::map_expected, "it needs a map but gets a vector", "use Softmax"},
    {Reason::layers_end_in_a_map, "the layers in it end in a map",
     "end them in a vector, as GlobalAvgPool and Dense do", Detail::shape},
    {Reason::no_image, "the network does not begin with an image",
     "write Network<Image<rows, columns, channels>, layers...>"},
    {Reason::no_layers, "the network has no layers", "add at least one after the input"},
    {Reason::no_branches, "it has no branches", "give it at least one"},
    {Reason::not_a_layer, "this type is not a layer",
     "use a layer, or give it functors, bound, spell and lower, as layers have"},
    {Reason::functor_is_not_a_layer, "a functor is not a layer", "wrap it: Pointwise<functor>"},
    {Reason::image_among_layers, "an image is not a layer", "give one Image, before all layers"},
    {Reason::network_among_layers, "a network is not a layer", "use a Sequential of its layers"},
    {Reason::functor_lacks_a_member, "the functor lacks a member", "declare it, as spec/functor.hpp says",
     Detail::text},
    {Reason::probability_out_of_range, "the probability is out of range", "choose at least 0 and less than 1"},
    {Reason::epsilon_not_positive, "epsilon is not positive", "choose a small positive number, such as 1e-5"},
    {Reason::momentum_out_of_range, "the momentum is out of range", "choose at least 0 and at most 1"},
    {Reason::path_too_long, "its path is longer than 63 characters",
     "shorten the names above it, or leave parts out with Named<\"\", ...>"},
    {Reason::name_taken, "an earlier layer has a tensor with the same name", "give each layer a unique path with Named",
     Detail::text},
    {Reason::name_not_plain, "its name cannot be stored in files or shown in terminals",
     "use visible characters and join parts with single dots"},
    {Reason::too_many_parameters, "the network has 2,147,483,648 parameters or more",
     "use fewer channels, or pool or stride before a dense layer"},
    {Reason::number_out_of_range, "a number of it is out of range", "choose another", Detail::text},
    {Reason::kernel_larger_than_input, "the kernel is larger than its input without padding",
     "write the kernel before the channels, unlike in PyTorch, or add Same or Pad if you mean it", Detail::shape},
    {Reason::padding_lacks_pixels, "the padding would repeat more pixels than its input has",
     "pad less than its rows and columns with Reflect, at most as much with Circular, or use Replicate"},
    {Reason::target_smaller_than_input, "what it pads does not fit into its size", "pad to more, or use Crop",
     Detail::shape},
    {Reason::sizes_differ, "its size has another number of elements than its input",
     "choose rows, columns and channels with the product of the input's", Detail::shape},
    {Reason::channels_beyond_input, "some of its channels are beyond those of its input",
     "choose First and Count with a sum of at most the input's channels"},
    {Reason::parts_are_not_all, "its parts do not add up to the channels of its input",
     "give every channel to one part"},
    {Reason::factor_does_not_divide, "its factor does not divide its input",
     "choose another, or change what is before it", Detail::text},
    {Reason::signal_expected, "it needs a signal but gets a map of several rows",
     "begin with Signal<length, channels>, or use Conv"},
    {Reason::norm_of_one_number, "it takes each mean of one number, so that nothing is left",
     "normalize a map of several pixels, or groups of several channels"},
    {Reason::not_a_source, "this type is not a source", "list sources only: Source<\"name\", Image<...>>"},
    {Reason::unused_source, "nothing reads the source", "read it with From, or remove it", Detail::text},
    {Reason::outputs_not_last, "the outputs are not at the end of the network",
     "write Outputs as the last argument of Network"},
    {Reason::not_a_head, "this type is not a head", "list heads only: Head<\"name\", layers...>"},
    {Reason::no_head, "it has no head that inference computes", "give Outputs a Head that is not OnlyInTraining"},
    {Reason::head_after_training_heads, "it comes after a head that is only in training",
     "write the heads that are OnlyInTraining last"},
    {Reason::name_of_another_port, "an earlier source or head has the same name", "give each a unique name",
     Detail::text},
    {Reason::too_many_ports, "it is one source or head more than a network may have", "remove it, or another",
     Detail::text},
    {Reason::third_branch, "it has a body, a shortcut and more",
     "put the layers of the body into a Sequential, or use Sum"},
};

static_assert(
    [] {
      constexpr int count = int(sizeof explanations / sizeof *explanations);
      for (int i = 0; i < count; i++)
        if (explanations[i].why != Reason(i)) return false;
      return Reason(count - 1) == last_reason;
    }(),
    "strata: the explanations of rejections are not one per Reason, in its order");

constexpr const Explanation& explain(Reason why) { return explanations[int(why)]; }

/// The rejected layer as declared; "..." replaces what would leave no room for the rest of the sentence.
constexpr core::Text spelled_layer(const Verdict& v) {
  constexpr int most = 160;
  core::Text whole, out;
  v.spell(whole);
  for (int i = 0; i < whole.size && i < most; i++) out << whole.text[i];
  return whole.size > most ? out << "..." : out;
}

/// "strata: layer 3, MaxPool<5>, is given 4x4x16: the window is larger than its input (5x5); use ..."
constexpr core::Text sentence(const Verdict& v) {
  core::Text out("strata: layer ");
  out << v.path << ", " << spelled_layer(v);
  if (v.why != Reason::no_image && v.why != Reason::not_a_source) out << ", is given " << v.given;
  const Explanation& explanation = explain(v.why);
  out << ": " << explanation.reason;
  if (explanation.detail == Detail::shape) out << " (" << v.other << ')';
  if (explanation.detail == Detail::text && v.detail[0]) out << " (" << v.detail << ')';
  return out << "; " << explanation.remedy;
}

// --- the sentence as types, for clang
template <graph::Reason>
struct because;
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
  static_assert(
      never<Where>,
      "strata: the network is rejected: the types say where, what, the shape it is given, why, and the remedy");
};

/// gcc names the deleted function with its argument on the line of the error, which is all that an editor shows. The
/// class around the call has the sentence in its name too, which gcc prints before everything that led there.
template <core::FixedString Sentence>
void network_is_rejected() = delete;
template <core::FixedString Sentence>
struct refused {
  using Said = decltype(network_is_rejected<Sentence>());
  static constexpr bool said = true;
};

/// Which<'a', 'b', ...> for the text that Make{}() returns. A variable takes it before decltype does: clang 14 crashes
/// where it loads a lambda within a decltype from a precompiled header.
template <template <char...> class Which, class Make>
consteval auto characters(Make) {
  return []<int... I>(std::integer_sequence<int, I...>) { return std::type_identity<Which<Make{}().text[I]...>>{}; }
  (std::make_integer_sequence<int, Make{}().size>{});
}

template <class Source>
consteval auto fixed_sentence() {
  return core::fixed_text([] { return graph::sentence(Source::verdict); });
}

#if defined(__cpp_static_assert) && __cpp_static_assert >= 202306L
/// A text as the message of a static_assert, as C++26 has it.
struct Message {
  core::Text text;
  constexpr const char* data() const { return text.text; }
  constexpr std::size_t size() const { return std::size_t(text.size); }
};
#endif

/// True, or a compile error with the sentence for Source::verdict.
template <class Source>
constexpr bool accept() {
  constexpr const graph::Verdict& v = Source::verdict;
  if constexpr (v.why != graph::Reason::none) {
#if defined(__cpp_static_assert) && __cpp_static_assert >= 202306L
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpre-c++26-compat"
#pragma clang diagnostic ignored "-Wc++26-extensions"
#endif
    static_assert(false, Message{graph::sentence(Source::verdict)});
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
#elif defined(__clang__)
    constexpr auto where = characters<layer>([] { return core::Text(Source::verdict.path); });
    constexpr auto what = characters<spelled>([] { return graph::spelled_layer(Source::verdict); });
    constexpr auto do_this = characters<remedy>([] { return core::Text(graph::explain(Source::verdict.why).remedy); });
    constexpr auto detail = characters<detail_is>([] { return core::Text(Source::verdict.detail); });
    using Where = typename decltype(where)::type;
    using What = typename decltype(what)::type;
    using Remedy = typename decltype(do_this)::type;
    using Detail = typename decltype(detail)::type;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): it completes the type, whose assertion fails
    return sizeof(rejected<Where, What, given<v.given.height, v.given.width, v.given.channels>, because<v.why>,
                           against<v.other.height, v.other.width, v.other.channels>, Detail, Remedy>) > 0;
#else
    return refused<fixed_sentence<Source>()>::said;
#endif
  }
  return true;
}

}  // namespace detail
}  // namespace strata::graph
