// SPDX-License-Identifier: MIT
// The main function of every doctest file.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
