// SPDX-License-Identifier: MIT
// What a result depends on, as names and values in text form: two values either agree exactly or differ, and an error
// message can cite them.
#pragma once

#include <charconv>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/digest.hpp>
#include <strata/core/text/text.hpp>

namespace strata::core {

struct Condition {
  std::string name, value;
  bool operator==(const Condition&) const = default;
};

/// Conditions in the order in which differences are reported: settings first, then what follows from them.
class Conditions {
 public:
  Conditions() = default;
  Conditions(std::initializer_list<Condition> all);
  /// Control characters become '?', since both go to files and terminals. A value of more than 1,000 characters is
  /// replaced by its length and digest.
  void add(std::string name, std::string value);
  [[gnu::cold]] void add(std::string name, const char* value) { add(std::move(name), std::string(value)); }
  [[gnu::cold]] void add(std::string name, bool value) { add(std::move(name), std::string(value ? "yes" : "no")); }
  /// The number with all its digits.
  template <class Number>
  requires(std::is_arithmetic_v<Number>) [[gnu::cold]] void add(std::string name, Number value) {
    add(std::move(name), exact(value));
  }
  void add(const std::string& prefix, const Conditions& others);

  /// The value; null: there is none. Valid until the next add().
  const std::string* find(const std::string& name) const;
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }
  bool empty() const { return all_.empty(); }
  bool operator==(const Conditions&) const = default;

  /// The number as text that reads back as the same number.
  template <class Number>
  [[gnu::cold]] static std::string exact(Number value) {
    char digits[64];
    if constexpr (std::is_floating_point_v<Number>)  // 0.0005, where the default format gives 5e-04
      return std::string(digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general).ptr);
    else return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

 private:
  [[gnu::cold]] static std::string plain(std::string text) {
    for (char& c : text)
      if (is_control(c)) c = '?';
    return text;
  }
  std::vector<Condition> all_;
};

/// A condition whose values differ; a side that lacks it is empty.
struct Disagreement {
  std::string name, before, after;
};

/// The conditions that differ, in the order of `after`, then those that only `before` has. common_only: only those that
/// both have.
STRATA_ONCE std::vector<Disagreement> disagreements(const Conditions& before, const Conditions& after,
                                                    bool common_only = false);

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE Conditions::Conditions(std::initializer_list<Condition> all) {
  for (const Condition& c : all) add(c.name, c.value);
}

[[gnu::cold]] STRATA_ONCE void Conditions::add(std::string name, std::string value) {
  if (value.size() > 1000) {
    Digest digest;
    digest.add(value);
    value = exact(value.size()) + " characters of digest " + digest.text();
  }
  all_.push_back({plain(std::move(name)), plain(std::move(value))});
}

[[gnu::cold]] STRATA_ONCE void Conditions::add(const std::string& prefix, const Conditions& others) {
  for (const Condition& c : others.all_) add(prefix + c.name, c.value);
}

STRATA_ONCE const std::string* Conditions::find(const std::string& name) const {
  for (const Condition& c : all_)
    if (c.name == name) return &c.value;
  return nullptr;
}

[[gnu::cold]] STRATA_ONCE std::vector<Disagreement> disagreements(const Conditions& before, const Conditions& after,
                                                                  bool common_only) {
  std::vector<Disagreement> out;
  for (const Condition& c : after) {
    const std::string* const old = before.find(c.name);
    if (old ? *old != c.value : !common_only) out.push_back({c.name, old ? *old : "", c.value});
  }
  for (const Condition& c : before)
    if (!common_only && !after.find(c.name)) out.push_back({c.name, c.value, ""});
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core
