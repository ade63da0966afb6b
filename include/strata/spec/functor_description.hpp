// SPDX-License-Identifier: MIT
// How files identify a functor: by its name and its template arguments. The arguments are deduced if all are of one
// kind: Real, int, long, unsigned, bool, or functors. A functor of any other template must list its own:
//   static constexpr double arguments[] = {Low.value, double(Steps)};
#pragma once

#include <iterator>
#include <string_view>
#include <type_traits>

#include <strata/core/description.hpp>
#include <strata/core/type_name.hpp>
#include <strata/spec/real.hpp>

namespace strata::detail {

template <class F>
constexpr void describe_functor(core::Description& out);

/// Deduces and describes the arguments of a template instance.
template <class F>
struct TemplateArguments {
  static constexpr bool known = false;
};
template <template <Real...> class F, Real... A>
struct TemplateArguments<F<A...>> {
  static constexpr bool known = true;
  static constexpr void describe(core::Description& out) { out.number(sizeof...(A)), (out.real(A.value), ...); }
};
template <template <int...> class F, int... A>
struct TemplateArguments<F<A...>> {
  static constexpr bool known = true;
  static constexpr void describe(core::Description& out) { out.number(sizeof...(A)), (out.number(A), ...); }
};
template <template <long...> class F, long... A>
struct TemplateArguments<F<A...>> {
  static constexpr bool known = true;
  static constexpr void describe(core::Description& out) { out.number(sizeof...(A)), (out.number(A), ...); }
};
template <template <unsigned...> class F, unsigned... A>
struct TemplateArguments<F<A...>> {
  static constexpr bool known = true;
  static constexpr void describe(core::Description& out) { out.number(sizeof...(A)), (out.number(A), ...); }
};
template <template <bool...> class F, bool... A>
struct TemplateArguments<F<A...>> {
  static constexpr bool known = true;
  static constexpr void describe(core::Description& out) { out.number(sizeof...(A)), (out.number(A), ...); }
};
template <template <class...> class F, class... A>
requires(requires { A::name; } && ...) struct TemplateArguments<F<A...>> {
  static constexpr bool known = true;
  static constexpr void describe(core::Description& out) { out.number(sizeof...(A)), (describe_functor<A>(out), ...); }
};

/// Whether F, or a type that encloses it, is a template instance. gcc and clang print those with their arguments.
template <class F>
constexpr bool has_template_arguments() {
  return core::type_name<F>().find('<') != std::string_view::npos;
}

template <class F>
constexpr void describe_functor(core::Description& out) {
  out.word(F::name);
  if constexpr (requires { F::arguments; }) {
    out.number(std::size(F::arguments));
    for (const auto& argument : F::arguments) {
      if constexpr (std::integral<std::remove_cvref_t<decltype(argument)>>) out.number(argument);
      else if constexpr (requires { argument.value; }) out.real(argument.value);
      else out.real(argument);
    }
  } else if constexpr (TemplateArguments<F>::known) {
    TemplateArguments<F>::describe(out);
  } else {
    static_assert(
        !has_template_arguments<F>(),
        "strata: files could not distinguish this functor from other instances of its template; list its arguments in it: "
        "static constexpr double arguments[] = {...};");
    out.number(0);
  }
}

}  // namespace strata::detail
