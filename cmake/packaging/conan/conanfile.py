# SPDX-License-Identifier: MIT
"""Conan 2: strata, with the CMake package that cmake --install installs. test.sh tries it."""
import pathlib
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain
from conan.tools.files import copy

ROOT = pathlib.Path("..") / ".." / ".."


class Strata(ConanFile):
    name = "strata"
    description = "Neural networks as C++20 types"
    license = "MIT"
    topics = ("neural-networks", "deep-learning", "header-only", "cpp20")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def set_version(self):
        header = pathlib.Path(self.recipe_folder) / ROOT / "include" / "strata" / "version.hpp"
        self.version = re.search(r'STRATA_VERSION "(.*)"', header.read_text())[1]

    def export_sources(self):
        source = str(pathlib.Path(self.recipe_folder) / ROOT)
        for pattern in ("include/*", "cmake/*", "CMakeLists.txt", "LICENSE"):
            copy(self, pattern, source, self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/[>=3.4 <6]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        for part in ("PROGRAMS", "TESTS", "BENCH", "CUDA"):
            toolchain.cache_variables[f"STRATA_{part}"] = False
        toolchain.generate()

    def build(self):
        CMake(self).configure()

    def package(self):
        CMake(self).install()

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_find_mode", "none")  # find_package(strata) reads the package's own file
        self.cpp_info.builddirs = ["share/cmake/strata"]
        self.cpp_info.set_property("pkg_config_name", "strata")
        if self.settings.get_safe("os") != "Windows":
            self.cpp_info.system_libs = ["pthread"]
