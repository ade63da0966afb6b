// SPDX-License-Identifier: MIT
// The file that the precompiled headers of the tests are compiled with; it needs none of them.
