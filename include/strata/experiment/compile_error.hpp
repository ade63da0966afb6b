// SPDX-License-Identifier: MIT
// What a compiler said about a candidate that it refused, in one sentence.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace strata::experiment::detail {

/// What stands between `begin` and the next `end`; empty if `begin` is not in the text.
inline std::string_view between(std::string_view text, std::string_view begin, char end) {
  const std::size_t at = text.find(begin);
  if (at == text.npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

/// The text of Name<'t', 'e', 'x', 't'>, which ends at the first '>' that is not quoted; a backslash escapes.
inline std::string spelled_characters(std::string_view text, std::string_view name) {
  std::string out;
  const std::size_t at = text.find(name);
  if (at == text.npos) return out;
  for (std::size_t i = at + name.size(); i + 2 < text.size() && text[i] == '\'';) {
    if (text[i + 1] == '\\') i++;
    out += text[i + 1];
    i += 3;  // past the closing quote
    while (i < text.size() && (text[i] == ',' || text[i] == ' ')) i++;
  }
  return out;
}

/// The sentence that clang prints as types (graph/reject.hpp): rejected<layer<'2'>, spelled<'R', 'e', ...>, ...>.
inline std::string sentence_of_types(std::string_view text) {
  const std::size_t at = text.find("rejected<");
  const std::size_t types = text.find("spelled<", at == text.npos ? text.size() : at);
  if (types == text.npos) return "";
  text = text.substr(at);
  std::string given(between(text, "::given<", '>')), reason(between(text, "Reason::", '>'));
  for (std::size_t comma; (comma = given.find(", ")) != given.npos;) given.replace(comma, 2, "x");
  std::replace(reason.begin(), reason.end(), '_', ' ');
  const std::string detail = spelled_characters(text, "detail_is<");
  return "strata: layer " + spelled_characters(text, "layer<") + ", " + spelled_characters(text, "spelled<") +
         ", is given " + given + ": " + reason + (detail.empty() ? "" : " (" + detail + ")") + "; " +
         spelled_characters(text, "remedy<");
}

/// What the compiler said about a candidate, in one sentence: strata's own if it is there, else the first error.
inline std::string compile_error_of(const std::string& text) {
  const std::size_t own = text.find("\"strata: ");
  if (own != text.npos) {
    const std::string types = sentence_of_types(std::string_view(text).substr(own));
    return types.empty() ? text.substr(own + 1, text.find('"', own + 1) - own - 1) : types;
  }
  for (const std::string_view before : {"error: static assertion failed: ", "error: "}) {  // strata's is the former's
    const std::size_t at = text.find(before);
    if (at != text.npos) return text.substr(at + before.size(), text.find('\n', at) - at - before.size());
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace strata::experiment::detail
