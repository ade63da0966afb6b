// SPDX-License-Identifier: MIT
// The version of the library, as the preprocessor sees it. CMake reads it from here.
#pragma once

/// The version as numbers, for `#if`: minor versions may change what programs see, patches do not.
#define STRATA_VERSION_MAJOR 0
#define STRATA_VERSION_MINOR 1  ///< see STRATA_VERSION_MAJOR
#define STRATA_VERSION_PATCH 0  ///< see STRATA_VERSION_MAJOR
/// The version as text.
#define STRATA_VERSION "0.1.0"
