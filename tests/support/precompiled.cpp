// SPDX-License-Identifier: MIT
// The file that the precompiled headers of the tests are compiled beside; it needs none of them.
