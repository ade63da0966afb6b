# SPDX-License-Identifier: MIT
"""Trained neural networks, compiled for this machine: numpy arrays in, numpy arrays out.

    >>> import numpy, strata_networks
    >>> strata_networks.networks()
    ('digits', 'regions')
    >>> model = strata_networks.Model("digits", "digits.safetensors")
    >>> images = numpy.zeros((5, 28, 28, 1), numpy.uint8)
    >>> model.predict(images).shape
    (5, 10)
    >>> model.classify(images).shape
    (5,)

Several threads may use one model at once. They compute without Python's lock, one after another, each on all threads of
the model; models of their own, with threads=1, run side by side.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
from typing import NamedTuple

import numpy

__all__ = ["Error", "Model", "Shape", "networks"]

_ABI_VERSION = 2  # of strata/infer/c_interface.h, whose functions are declared below
_INVALID_ARGUMENT, _OUT_OF_MEMORY = 1, 3


class Error(RuntimeError):
    """A file of weights cannot be read, is damaged or belongs to another network, or a prediction failed."""


class Shape(NamedTuple):
    """The shape of one image, or of one image's scores."""

    height: int
    width: int
    channels: int


class _Shape(ctypes.Structure):
    _fields_ = [("height", ctypes.c_int32), ("width", ctypes.c_int32), ("channels", ctypes.c_int32)]


def _loaded():
    library = ctypes.CDLL(str(pathlib.Path(__file__).parent / "lib" / "libnetworks.so"))
    pointer, size, number, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32, ctypes.c_char_p
    run = [pointer, pointer, size, pointer, size]
    for name, result, arguments in [
        ("abi_version", number, []),
        ("error", text, []),
        ("network_count", number, []),
        ("network_name", text, [number]),
        ("create_from_file", ctypes.c_int, [text, text, number, ctypes.POINTER(pointer)]),
        ("create_from_memory", ctypes.c_int, [text, pointer, size, number, ctypes.POINTER(pointer)]),
        ("destroy", None, [pointer]),
        ("input_shape", ctypes.c_int, [pointer, ctypes.POINTER(_Shape)]),
        ("output_shape", ctypes.c_int, [pointer, ctypes.POINTER(_Shape)]),
        ("class_count", number, [pointer]),
        ("class_name", text, [pointer, number]),
        ("predict", ctypes.c_int, run),
        ("predict_bytes", ctypes.c_int, run),
        ("classify", ctypes.c_int, run),
        ("classify_bytes", ctypes.c_int, run),
    ]:
        function = getattr(library, "strata_" + name)
        function.restype, function.argtypes = result, arguments
    if library.strata_abi_version() != _ABI_VERSION:
        raise ImportError(f"libnetworks.so has version {library.strata_abi_version()} of strata's C interface, but this "
                          f"module needs version {_ABI_VERSION}; install the module anew")
    return library


_library = _loaded()


def _check(status):
    if status == 0:
        return
    why = _library.strata_error().decode("utf-8", "replace")
    raise {_INVALID_ARGUMENT: ValueError, _OUT_OF_MEMORY: MemoryError}.get(status, Error)(why)


def _encoded(text, what):
    code = os.fsencode(text) if what == "path" else text.encode("utf-8")
    if b"\0" in code:
        raise ValueError(f"the {what} {text!r} contains a null character; give one without")
    return code


def _address(array):
    return array.__array_interface__["data"][0]  # in half the time of array.ctypes.data


def _spelled(shape):
    return " x ".join(str(n) for n in shape) if shape else "a single number"


def networks() -> tuple[str, ...]:
    """The names of the networks that Model() can choose from."""
    return tuple(_library.strata_network_name(i).decode() for i in range(_library.strata_network_count()))


class Model:
    """A network with its weights.

    network: one of networks(). file: the path of a file of weights in the safetensors format, as strata's save() writes
    it, or its content as bytes. threads: how many predict; 0: one per core.

    Raises ValueError if the network is unknown, and Error if the file cannot be read, is damaged or belongs to another
    network.
    """

    def __init__(self, network: str, file: str | os.PathLike | bytes | bytearray | memoryview, threads: int = 0):
        self._handle = None
        handle = ctypes.c_void_p()
        name = _encoded(network, "network")
        if isinstance(file, (bytes, bytearray, memoryview)):
            content = numpy.frombuffer(file, numpy.uint8)
            _check(_library.strata_create_from_memory(name, _address(content), content.size, threads,
                                                      ctypes.byref(handle)))
        else:
            _check(_library.strata_create_from_file(name, _encoded(file, "path"), threads, ctypes.byref(handle)))
        self._handle = handle.value
        self._name = network
        self._input = self._shape(_library.strata_input_shape)
        self._output = self._shape(_library.strata_output_shape)
        self._classes = tuple(_library.strata_class_name(self._handle, i).decode("utf-8", "replace")
                              for i in range(_library.strata_class_count(self._handle)))

    def __del__(self):
        if getattr(self, "_handle", None):
            _library.strata_destroy(self._handle)

    def __reduce__(self):
        raise TypeError("a model cannot be copied or pickled; create another one from the same file")

    def __repr__(self):
        return f"<{__name__}.Model '{self._name}', {_spelled(self._input)} -> {_spelled(self._output)}>"

    @property
    def network(self) -> str:
        """The name of its network."""
        return self._name

    @property
    def input(self) -> Shape:
        """The shape of one image."""
        return self._input

    @property
    def output(self) -> Shape:
        """The shape of one image's scores: 1 x 1 x classes, or of a network that ends in a map, H' x W' x classes."""
        return self._output

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, if the file has them."""
        return self._classes

    def predict(self, images: numpy.ndarray, out: numpy.ndarray | None = None) -> numpy.ndarray:
        """The scores of images: N x classes, or of a network that ends in a map, N x H' x W' x classes, as float32.

        images: N x H x W x C, or N x H x W if C is 1. Arrays of uint8 and float32 that are contiguous (C order) are
        read in place, others copied. out: a contiguous array of float32 for the result, which is returned; it must not
        overlap the images. Raises ValueError if a shape is wrong, TypeError if a type is.
        """
        images = self._images(images)
        shape = (len(images), *(self._output if self._maps() else self._output[2:]))
        if out is None:
            out = numpy.empty(shape, numpy.float32)
        elif not isinstance(out, numpy.ndarray) or out.dtype != numpy.float32:
            raise TypeError("out is not an array of float32; give numpy.empty(shape, numpy.float32)")
        elif out.shape != shape or not out.flags.carray:
            raise ValueError(f"out is {_spelled(out.shape)}, but the result needs {_spelled(shape)}, contiguous, "
                             "aligned and writable; give such an array, or none")
        self._run("predict", images, out)
        return out

    def classify(self, images: numpy.ndarray) -> numpy.ndarray:
        """The most probable class of each image, N, or of a network that ends in a map, of each pixel, N x H' x W', as
        int32.

        images: as for predict(). Raises as predict() does, and ValueError if the network has no classes to choose from.
        """
        images = self._images(images)
        out = numpy.empty((len(images), *(self._output[:2] if self._maps() else ())), numpy.int32)
        self._run("classify", images, out)
        return out

    def _maps(self):
        return self._output[:2] != (1, 1)

    def _shape(self, function):
        shape = _Shape()
        _check(function(self._handle, ctypes.byref(shape)))
        return Shape(shape.height, shape.width, shape.channels)

    def _images(self, images):
        images = numpy.asarray(images)
        if images.dtype != numpy.uint8 and images.dtype != numpy.float32:
            if not numpy.can_cast(images.dtype, numpy.float32, "same_kind"):
                raise TypeError(f"the images are of type {images.dtype}; give numbers, best uint8 or float32")
            images = images.astype(numpy.float32)
        full = images.shape[1:] if images.ndim == 4 else (*images.shape[1:], 1)
        if images.ndim not in (3, 4) or full != self._input:
            raise ValueError(f"the images are {_spelled(images.shape)}, but the network takes N x {_spelled(self._input)} "
                             "(images, rows, columns, channels); transpose or reshape the array")
        return numpy.require(images, requirements=["C", "ALIGNED"])

    def _run(self, what, images, out):
        function = getattr(_library, f"strata_{what}_bytes" if images.dtype == numpy.uint8 else f"strata_{what}")
        _check(function(self._handle, _address(images), images.size, _address(out), out.size))
