// SPDX-License-Identifier: MIT
// The C locale for calls that would otherwise follow the one the host program chose.
#pragma once

#include <locale.h>

namespace strata::core {

/// While one lives, the calling thread is in the C locale; others are not touched. nlohmann::json::parse needs it: it
/// reads numbers with strtod and takes the locale's decimal point for one byte, which it is not everywhere.
class NeutralLocale {
 public:
  NeutralLocale() : before_(::uselocale(neutral())) {}
  NeutralLocale(const NeutralLocale&) = delete;
  NeutralLocale& operator=(const NeutralLocale&) = delete;
  ~NeutralLocale() { ::uselocale(before_); }

  /// Made once, never freed.
  static locale_t neutral() {
    static const locale_t made = ::newlocale(LC_ALL_MASK, "C", locale_t());
    return made;
  }

 private:
  locale_t before_;
};

}  // namespace strata::core
