// SPDX-License-Identifier: MIT
// What a program said before it ended, for an error message.
#pragma once

#include <strata/core/files/file.hpp>
#include <strata/core/text/printable.hpp>

#include <string>
#include <string_view>

namespace strata::core {

/// "; its last words: " and the last line of the file that is not empty, at most 300 bytes of it, safe to print; "" if
/// there is none. Throws Error if the file is there and cannot be read.
inline std::string last_words(const std::string& log) {
  if (!file_exists(log)) return "";
  const Bytes bytes = read_file(log);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  text = text.substr(text.rfind('\n') + 1);  // npos + 1 = 0
  return text.empty() ? "" : "; its last words: " + printable(text.substr(0, 300));
}

}  // namespace strata::core
