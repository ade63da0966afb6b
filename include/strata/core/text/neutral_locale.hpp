// SPDX-License-Identifier: MIT
// The C locale for calls that would otherwise follow the host program's locale.
#pragma once

#include <locale.h>

namespace strata::core {

/// Puts the calling thread, and no other, into the C locale while it lives. nlohmann::json::parse needs it: it reads
/// numbers with strtod and assumes that the locale's decimal point is one byte, which is not true of every locale.
class NeutralLocale {
 public:
  NeutralLocale() : before_(::uselocale(neutral())) {}
  NeutralLocale(const NeutralLocale&) = delete;
  NeutralLocale& operator=(const NeutralLocale&) = delete;
  ~NeutralLocale() { ::uselocale(before_); }

  /// The C locale; created once, never freed.
  static locale_t neutral() {
    static const locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", locale_t());
    return c_locale;
  }

 private:
  locale_t before_;
};

}  // namespace strata::core
