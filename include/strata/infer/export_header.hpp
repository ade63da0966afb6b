// SPDX-License-Identifier: MIT
// Writes a model's weights as a header, by which they become read-only data of a program. The numbers are assembler
// directives: for 10 MB of weights, gcc and clang need a tenth of the time and a fraction of the memory that they need
// for an array (README.md).
#pragma once

#include <strata/core/digest.hpp>
#include <strata/core/error.hpp>
#include <strata/core/files/file_writer.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/graph/policy.hpp>
#include <strata/graph/structural_hash.hpp>
#include <strata/graph/tensor_names.hpp>
#include <strata/infer/header_weights.hpp>
#include <strata/infer/packed_format.hpp>
#include <strata/infer/target.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::infer {

/// What a header holds besides the weights.
struct HeaderOptions {
  std::string name{};    ///< of the struct: NAME_weights; empty: the file's name without folder and extension
  std::string target{};  ///< packs the weights for it: "cortex-m7", "avx2", ... (infer/target.hpp); empty: as in files
  std::vector<std::string> classes{};  ///< names, one per output channel; empty: those of the model, if it has some
};

namespace detail {

/// The name of the struct's prefix: options.name or the file's. Throws Error if C++ could not read it.
inline std::string name_of(const std::string& path, const HeaderOptions& options) {
  std::string name = options.name;
  if (name.empty()) {
    name = path.substr(path.find_last_of('/') + 1);
    name.erase(std::min(name.find('.'), name.size()));
  }
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  bool good = !name.empty() && is_letter(name[0]) && name.find("__") == std::string::npos && name[0] != '_';
  for (const char c : name) good = good && (is_letter(c) || (c >= '0' && c <= '9'));
  if (!good)
    throw Error(core::printable(path), ": the name '", core::printable(name),
                "' cannot begin the name of a C++ struct; give one of letters, digits and single underscores that "
                "begins with a letter, as options.name");
  return name;
}

/// Text between quotes, as C++ and the assembler read it in every locale and encoding.
inline std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\' && c != '?') {
      out += c;
      continue;
    }
    out += '\\';
    for (int shift = 6; shift >= 0; shift -= 3) out += char('0' + (byte >> shift & 7));
  }
  return out + '"';
}

/// A float as C++ reads it, exactly: its bits.
inline std::string bits_of(float number) {
  return "std::bit_cast<float>(0x" + core::hexadecimal(std::bit_cast<std::uint32_t>(number)).substr(8) + "u)";
}
inline std::string list_of(std::span<const float> numbers) {
  std::string out;
  for (const float number : numbers) out += (out.empty() ? "" : ", ") + bits_of(number);
  return "{" + out + "}";
}

/// The floats as read-only data under a name of their own, which equal headers of a program share.
inline void write_numbers(core::FileWriter& file, const std::string& symbol, std::span<const float> numbers) {
  constexpr std::size_t in_line = 8;
  std::string text = core::sentence("asm(\n    \".pushsection .rodata.", symbol, ", \\\"aG\\\", %progbits, ", symbol,
                                    ", comdat\\n\"\n    \".weak ", symbol, "\\n.hidden ", symbol, "\\n.type ", symbol,
                                    ", %object\\n.balign 64\\n", symbol, ":\\n\"\n");
  constexpr const char* digits = "0123456789abcdef";
  for (std::size_t i = 0; i < numbers.size(); i += 2 * in_line) {
    text += "    \".quad ";
    for (std::size_t k = i; k < std::min(i + 2 * in_line, numbers.size()); k += 2) {
      const std::uint64_t low = std::bit_cast<std::uint32_t>(numbers[k]),
                          high = k + 1 < numbers.size() ? std::bit_cast<std::uint32_t>(numbers[k + 1]) : 0;
      text += k == i ? "0x" : ",0x";
      for (int shift = 60; shift >= 0; shift -= 4) text += digits[(high << 32 | low) >> shift & 15];
    }
    text += "\\n\"\n";
    if (text.size() > 1 << 20) file.write(text.data(), text.size()), text.clear();
  }
  text += core::sentence("    \".size ", symbol, ", . - ", symbol, "\\n.popsection\");\n");
  file.write(text.data(), text.size());
}

/// What all headers of a network have in common.
struct HeaderContent {
  std::uint64_t network = 0;
  std::vector<int> channels{};       ///< of each source
  std::span<const float> numbers{};  ///< all of them
  std::size_t input_at = 0;          ///< where among them the scale and shift of each source are
  std::string about{};               ///< one line for readers
  std::string members{};             ///< of the struct
};

inline void write_header(const std::string& path, const HeaderOptions& options, int outputs,
                         const HeaderContent& content) {
  const std::string name = name_of(path, options) + "_weights";
  if (!options.classes.empty() && long(options.classes.size()) != outputs)
    throw Error(core::printable(path), ": ", long(options.classes.size()),
                " names of classes were given, but the network has ", outputs, " outputs; name each, or none");
  for (std::size_t i = 0; i < content.numbers.size(); i++)
    if (!core::is_finite(content.numbers[i]))
      throw Error(core::printable(path), ": number ", long(i),
                  " of the weights is not finite; train the model anew, or load another");
  core::Digest digest;
  digest.add(content.numbers.data(), content.numbers.size_bytes());
  const std::string symbol = "strata_weights_" + core::hexadecimal(digest.value);
  core::FileWriter file(path);
  const auto write = [&](const std::string& text) { file.write(text.data(), text.size()); };
  write(core::sentence("// Written by strata's export_header: ", content.about, "\n#pragma once\n\n#include <bit>\n",
                       "#include <cstdint>\n\n#if !defined(__ELF__)\n#error \"this header of weights needs a compiler ",
                       "for ELF: gcc or clang on Linux, BSD or bare metal\"\n#endif\n\n",
                       "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"));
  write_numbers(file, symbol, content.numbers);
  write("#pragma GCC diagnostic pop\n\n");
  std::vector<float> scale, shift;
  const float* of_source = content.numbers.data() + content.input_at;
  for (const int channels : content.channels) {
    scale.insert(scale.end(), of_source, of_source + channels);
    shift.insert(shift.end(), of_source + channels, of_source + 2 * channels);
    of_source += 2 * channels;
  }
  std::string classes;
  for (const std::string& of : options.classes) classes += (classes.empty() ? "" : ", ") + quoted(of);
  write(core::sentence(
      "extern \"C\" [[gnu::visibility(\"hidden\")]] const float ", symbol, "[", long(content.numbers.size()),
      "];\n\nstruct ", name, " {\n  /// strata::graph::structural_hash of the network\n",
      "  static constexpr std::uint64_t network = 0x", core::hexadecimal(content.network), "u;\n", content.members,
      "  /// The network multiplies its input by the scale and adds the shift, per channel.\n",
      "  static constexpr float input_scale[] = ", list_of(scale), ";\n",
      "  static constexpr float input_shift[] = ", list_of(shift), ";\n"));
  if (!classes.empty()) write(core::sentence("  static constexpr const char* classes[] = {", classes, "};\n"));
  write(core::sentence("\n private:\n  static const float* numbers() { return ", symbol, "; }\n};\n"));
  file.commit();
}

/// The tensors of a header, as lines of a table.
inline std::string tensor_lines(const graph::Tensor* table, int count, const graph::Layer* layers, long first) {
  std::string out;
  for (int t = 0; t < count; t++) {
    std::string dims;
    for (int d = 0; d < table[t].rank; d++) dims += core::sentence(d == 0 ? "" : ", ", table[t].dims[d]);
    out += core::sentence("      {", quoted(graph::tensor_name(layers, table[t]).text), ", ", first + table[t].offset,
                          ", ", table[t].rank, ", {", dims, "}},\n");
  }
  return out;
}

}  // namespace detail

namespace detail {

/// The network of a Model.
template <class Trained>
struct NetworkOf;
template <template <class, class> class Model, class Net, class Backend>
struct NetworkOf<Model<Net, Backend>> {
  using type = Net;
};

}  // namespace detail

/// As export_header, for the weights of Net in the order of Model<Net>. Throws Error likewise, and if their numbers are
/// not those of Net.
template <class Net, class... Policy>
void export_weights(std::span<const float> parameters, std::span<const float> buffers, const std::string& path,
                    const HeaderOptions& options = {}) {
  constexpr auto& net = graph::lowered<Net>;
  constexpr graph::PlanOptions plan_options = graph::plan_options<Policy...>();
  constexpr Shape out = net.graph.nodes[net.graph.result].out;
  if (long(parameters.size()) != net.parameter_floats || long(buffers.size()) != net.buffer_floats)
    throw Error(core::printable(path), ": ", long(parameters.size()), " parameters and ", long(buffers.size()),
                " numbers of buffers were given, but the network has ", net.parameter_floats, " and ",
                net.buffer_floats, "; give those of this network");
  detail::HeaderContent content{.network = graph::structural_hash<Net>};
  for (int s = 0; s < net.source_count; s++)
    content.channels.push_back(net.graph.nodes[net.sources[s].value].out.channels);
  std::vector<float> numbers;
  if (options.target.empty()) {
    numbers.assign(parameters.begin(), parameters.end());
    numbers.insert(numbers.end(), buffers.begin(), buffers.end());
    content.input_at = parameters.size();
    content.about = core::sentence(net.parameter_floats, " parameters and ", net.buffer_floats,
                                   " numbers of buffers, as files have them.");
    content.members = core::sentence(
        "  static const float* parameters() { return numbers(); }\n  static const float* buffers() { return numbers() + ",
        net.parameter_floats, "; }\n\n  struct Tensor {\n    const char* name;\n",
        "    long first;  ///< its first number, counted from parameters()\n    int rank;\n    int dims[4];\n  };\n",
        "  static constexpr Tensor tensors[] = {\n",
        detail::tensor_lines(net.parameters, net.parameter_count, net.layers, 0),
        detail::tensor_lines(net.buffers, net.buffer_count, net.layers, net.parameter_floats), "  };\n");
  } else {
    const Target* const target = find_target(options.target);
    if (!target) {
      std::string all;
      for (const Target& t : targets) all += (all.empty() ? "" : ", ") + std::string(t.name);
      throw Error(core::printable(path), ": weights cannot be packed for '", core::printable(options.target),
                  "'; give one of: ", all);
    }
    const auto pack = [&]<cpu::Machine Machine>() {
      constexpr auto& nodes = packed_nodes<Net, plan_options, Machine>;
      numbers.resize(std::size_t(nodes.floats()));
      long at = 0;
      for (int i = 0; i < nodes.count; i++) {
        std::vector<float> folded(std::size_t(cpu::nhwc::folded_floats(*nodes.of[i].node)));
        nodes.of[i].pack(parameters.data(), buffers.data(), folded.data(), numbers.data() + at);
        at += nodes.of[i].floats();
      }
      content.members = core::sentence(
          "  /// strata::infer::packed_format of the network on the machine\n  static constexpr std::uint64_t format = 0x",
          core::hexadecimal(packed_format<Net, plan_options, Machine>),
          "u;\n  static const float* packed() { return numbers(); }\n  static const float* input() { return numbers() + ",
          at, "; }\n\n");
    };
    bool packed = false;
    [&]<int... I>(std::integer_sequence<int, I...>) {
      ((!packed && targets[I].machine == target->machine
            ? (pack.template operator()<targets[I].machine>(), packed = true)
            : false),
       ...);
    }
    (std::make_integer_sequence<int, int(std::size(targets))>{});
    content.input_at = numbers.size();
    content.about = core::sentence(net.parameter_floats, " parameters, folded and packed for ", options.target, ".");
    numbers.insert(numbers.end(), buffers.begin(), buffers.begin() + long(input_buffer_floats<Net>));
  }
  content.numbers = numbers;
  detail::write_header(path, options, out.channels, content);
}

/// Writes a model's weights as a header, atomically: struct NAME_weights, for Predictor's constructors, with the
/// input's scale and shift and the names of tensors and classes. With a target, the weights are folded and packed for
/// it, and a predictor reads them where they are; Policy: those of that predictor. Throws Error if the file cannot be
/// written, a number is not finite, or an option is wrong.
template <class... Policy, class Trained>
void export_header(const Trained& model, const std::string& path, HeaderOptions options = {}) {
  if (options.classes.empty()) options.classes = model.classes();
  export_weights<typename detail::NetworkOf<Trained>::type, Policy...>(model.parameters(), model.buffers(), path,
                                                                       options);
}

}  // namespace strata::infer

namespace strata {
using infer::export_header;
}  // namespace strata
