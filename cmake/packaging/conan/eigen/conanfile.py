# SPDX-License-Identifier: MIT
"""Conan 2: the Eigen that is installed on this machine, under the names of the public recipe, for where no network is.
The environment variable EIGEN_INCLUDE names its include folder, if that is not /usr/include/eigen3."""
import os
import pathlib
import re

from conan import ConanFile
from conan.tools.files import copy


def include_folder():
    return pathlib.Path(os.environ.get("EIGEN_INCLUDE", "/usr/include/eigen3"))


class Eigen(ConanFile):
    name = "eigen"
    license = "MPL-2.0"
    package_type = "header-library"

    def set_version(self):
        version = include_folder() / "Eigen" / "Version"  # of Eigen 5
        if version.exists():
            names = ("MAJOR_VERSION", "MINOR_VERSION", "PATCH_VERSION")
        else:
            version = include_folder() / "Eigen" / "src" / "Core" / "util" / "Macros.h"
            names = ("WORLD_VERSION", "MAJOR_VERSION", "MINOR_VERSION")
        text = version.read_text()
        self.version = ".".join(re.search(rf"define EIGEN_{name} (\d+)", text)[1] for name in names)

    def export_sources(self):
        for folder in ("Eigen", "unsupported"):
            copy(self, f"{folder}/*", str(include_folder()), self.export_sources_folder)
        copy(self, "signature_of_eigen3_matrix_library", str(include_folder()), self.export_sources_folder)

    def package(self):
        for folder in ("Eigen", "unsupported"):
            copy(self, f"{folder}/*", self.source_folder, str(pathlib.Path(self.package_folder) / "include" / "eigen3"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = self.cpp_info.libdirs = []
        self.cpp_info.includedirs = ["include/eigen3"]
        self.cpp_info.set_property("cmake_file_name", "Eigen3")
        self.cpp_info.set_property("cmake_target_name", "Eigen3::Eigen")
        self.cpp_info.set_property("pkg_config_name", "eigen3")
