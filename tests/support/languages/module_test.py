# SPDX-License-Identifier: MIT
"""Tests the Python module of examples/embed: module_test.py FOLDER, with the files of tests/examples/embed_python.cpp."""
import concurrent.futures
import copy
import ctypes
import os
import pathlib
import pickle
import pydoc
import sys
import unittest

import numpy
import strata_networks
from strata_networks import Error, Model

FOLDER = pathlib.Path(sys.argv.pop(1))
# Softmax of few classes, summed in another order by another optimization: some roundings of 6e-8.
TOLERANCE = 1e-5


def model(name, **options):
    return Model(name, FOLDER / f"{name}.safetensors", **options)


def images(name, *shape):
    return numpy.fromfile(FOLDER / f"{name}.images", numpy.uint8).reshape(5, *shape)


def scores(name, *shape):
    return numpy.fromfile(FOLDER / f"{name}.scores", numpy.float32).reshape(5, *shape)


class Module(unittest.TestCase):
    def setUp(self):
        self.digits, self.regions = model("digits", threads=1), model("regions", threads=2)
        self.gray, self.color = images("digits", 28, 28, 1), images("regions", 48, 64, 3)

    def agree(self, given, expected):
        self.assertEqual(given.dtype, numpy.float32)
        self.assertEqual(given.shape, expected.shape)
        self.assertTrue(given.flags.owndata and given.flags.c_contiguous)
        self.assertLess(abs(given - expected).max(), TOLERANCE)

    def test_what_a_model_is(self):
        self.assertEqual(strata_networks.networks(), ("digits", "regions"))
        self.assertEqual(self.digits.network, "digits")
        self.assertEqual(self.digits.input, (28, 28, 1))
        self.assertEqual(self.regions.output, (48, 64, 4))
        self.assertEqual(self.regions.output.channels, 4)
        self.assertEqual(self.digits.classes, ())
        self.assertEqual(self.regions.classes, ("sky", "road", "tree", "Fußgänger"))
        self.assertEqual(repr(self.digits), "<strata_networks.Model 'digits', 28 x 28 x 1 -> 1 x 1 x 10>")

    def test_scores_are_those_of_cpp(self):
        self.agree(self.digits.predict(self.gray), scores("digits", 10))
        self.agree(self.regions.predict(self.color), scores("regions", 48, 64, 4))

    def test_classes_are_those_of_the_scores(self):
        for net, x in (self.digits, self.gray), (self.regions, self.color):
            most = net.classify(x)
            self.assertEqual(most.dtype, numpy.int32)
            numpy.testing.assert_array_equal(most, net.predict(x).argmax(-1))

    def test_all_kinds_of_arrays(self):
        expected = self.regions.predict(self.color)
        for kind in numpy.float32, numpy.float64, numpy.int64, ">f4", numpy.uint16:
            numpy.testing.assert_array_equal(self.regions.predict(self.color.astype(kind)), expected)
        channels_first = numpy.ascontiguousarray(self.color.transpose(0, 3, 1, 2))
        numpy.testing.assert_array_equal(self.regions.predict(channels_first.transpose(0, 2, 3, 1)), expected)
        numpy.testing.assert_array_equal(self.regions.predict(self.color[::-1])[::-1], expected)
        numpy.testing.assert_array_equal(self.regions.predict(self.color.tolist()), expected)
        numpy.testing.assert_array_equal(self.digits.predict(self.gray[..., 0]), self.digits.predict(self.gray))
        shifted = numpy.frombuffer(b"\0" + self.color.astype(numpy.float32).tobytes(), numpy.float32, offset=1)
        numpy.testing.assert_array_equal(self.regions.predict(shifted.reshape(self.color.shape)), expected)
        self.assertEqual(self.digits.predict(self.gray[:0]).shape, (0, 10))
        self.assertEqual(self.regions.classify(self.color[:0]).shape, (0, 48, 64))
        self.gray.setflags(write=False)
        self.agree(self.digits.predict(self.gray), scores("digits", 10))

    def test_no_copy_where_layouts_agree(self):
        for x in self.gray, self.gray.astype(numpy.float32), self.gray[1:3], self.gray[..., 0]:
            self.assertTrue(numpy.shares_memory(self.digits._images(x), x))
        out = numpy.empty((5, 10), numpy.float32)
        self.assertIs(self.digits.predict(self.gray, out), out)
        self.agree(out, scores("digits", 10))
        part = numpy.full((7, 10), -1, numpy.float32)
        self.digits.predict(self.gray, out=part[1:6])
        numpy.testing.assert_array_equal(part[1:6], out)
        self.assertTrue((part[[0, 6]] == -1).all())

    def test_wrong_arrays(self):
        for x in self.gray[:, :27], self.color, self.gray[0], self.gray[0, ..., 0], numpy.float32(1), [], self.gray[None]:
            with self.assertRaisesRegex(ValueError, "but the network takes N x 28 x 28 x 1"):
                self.digits.predict(x)
        for x in self.gray.astype(complex), self.gray.astype(str), self.gray.astype(object), None:
            with self.assertRaisesRegex(TypeError, "give numbers, best uint8 or float32"):
                self.digits.classify(x)
        with self.assertRaisesRegex(ValueError, "out is 5 x 9, but the result needs 5 x 10"):
            self.digits.predict(self.gray, numpy.empty((5, 9), numpy.float32))
        with self.assertRaisesRegex(ValueError, "contiguous, aligned and writable"):
            self.digits.predict(self.gray, numpy.empty((10, 5), numpy.float32).T)
        fixed = numpy.zeros((5, 10), numpy.float32)
        fixed.setflags(write=False)
        with self.assertRaisesRegex(ValueError, "contiguous, aligned and writable"):
            self.digits.predict(self.gray, fixed)
        for out in numpy.empty((5, 10)), numpy.empty((5, 10), ">f4"), [0]:
            with self.assertRaisesRegex(TypeError, "out is not an array of float32"):
                self.digits.predict(self.gray, out)

    def test_files(self):
        path = FOLDER / "digits.safetensors"
        content = path.read_bytes()
        expected = self.digits.predict(self.gray)
        for file in str(path), path, content, bytearray(content), memoryview(content):
            numpy.testing.assert_array_equal(Model("digits", file, 1).predict(self.gray), expected)
        with self.assertRaisesRegex(ValueError, "there is no network 'streets'; choose one of: digits, regions"):
            Model("streets", path)
        with self.assertRaisesRegex(ValueError, "contains a null character"):
            Model("digits\0", path)
        with self.assertRaisesRegex(ValueError, "contains a null character"):
            Model("digits", "digits\0.safetensors")
        with self.assertRaisesRegex(ValueError, "-1 threads"):
            Model("digits", path, -1)
        with self.assertRaisesRegex(Error, "missing: cannot be opened"):
            Model("digits", FOLDER / "missing")
        with self.assertRaisesRegex(Error, "holds the weights of another network"):
            Model("regions", path)
        with self.assertRaisesRegex(Error, "the file in memory: "):
            Model("digits", content[:-1])
        with self.assertRaisesRegex(Error, "too short"):
            Model("digits", b"")
        with self.assertRaises(TypeError):
            Model("digits", 5)

    def test_threads(self):
        expected = self.regions.classify(self.color)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for most in pool.map(self.regions.classify, [self.color] * 12):
                numpy.testing.assert_array_equal(most, expected)
        # ctypes releases Python's lock in calls of a CDLL that is no PyDLL.
        self.assertIsInstance(strata_networks._library, ctypes.CDLL)
        self.assertNotIsInstance(strata_networks._library, ctypes.PyDLL)

    def test_a_child_of_fork_has_its_copy(self):
        expected = self.regions.classify(self.color)
        child = os.fork()
        if child == 0:
            os._exit(0 if (self.regions.classify(self.color) == expected).all() else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def test_a_model_is_not_copied(self):
        for copied in copy.copy, copy.deepcopy, pickle.dumps:
            with self.assertRaisesRegex(TypeError, "cannot be copied or pickled"):
                copied(self.digits)

    def test_help(self):
        text = pydoc.render_doc(strata_networks, renderer=pydoc.plaintext)
        for part in ("numpy arrays in", "class Model", "predict(self, images", "N x classes", "networks() ->"):
            self.assertIn(part, text)
        for hidden in "_library", "_images", "_Shape":
            self.assertNotIn(hidden, text)


if __name__ == "__main__":
    unittest.main()
