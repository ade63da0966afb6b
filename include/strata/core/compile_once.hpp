// SPDX-License-Identifier: MIT
// What a file compiles. Most code of the library depends on no network. By default it is compiled, as inline functions,
// in each file that uses it. A program that links strata::kernels compiles it once: in the program's own files, for
// which that target defines STRATA_KERNELS, headers declare these functions without their bodies, which only the two
// files of the library read.
//   STRATA_ONCE             the specifier of such a function
//   #if STRATA_HAS_BODIES   around their bodies, and around what only the bodies need
//   STRATA_INSTANCE(...)    an instance of a function template that the library has; the template is not inline
#pragma once

#if !defined(STRATA_KERNELS)
#define STRATA_ONCE inline
#define STRATA_HAS_BODIES 1
#define STRATA_INSTANCE(...) static_assert(true)
#elif defined(STRATA_KERNELS_FUNCTIONS)
#define STRATA_ONCE
#define STRATA_HAS_BODIES 1
#define STRATA_INSTANCE(...) extern template __VA_ARGS__
#elif defined(STRATA_KERNELS_INSTANCES)
#define STRATA_ONCE
#define STRATA_HAS_BODIES 0
#define STRATA_INSTANCE(...) template __VA_ARGS__
#else
#define STRATA_ONCE
#define STRATA_HAS_BODIES 0
#define STRATA_INSTANCE(...) extern template __VA_ARGS__
#endif
