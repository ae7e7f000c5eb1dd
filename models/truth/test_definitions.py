"""The definitions of README.md, by their test vectors. Run: python -m unittest"""

import tempfile
import unittest
from pathlib import Path

import numpy as np

import summary
import synthetic
import tensor_file
from synthetic import Kind


class Synthetic(unittest.TestCase):
    def test_hash(self) -> None:
        self.assertEqual(synthetic.fnv1a64("model.embed_tokens.weight"), 0xA88FD795D5C6D156)

    def test_standard(self) -> None:
        expected = [-0.708587646484375, -0.8036651611328125, -0.05364990234375, 0.879241943359375, -1.395599365234375]
        self.assertEqual(synthetic.standard("model.embed_tokens.weight", 5).tolist(), expected)

    def test_integers(self) -> None:
        ids = synthetic.integers("input_ids", (1, 5), 49152)
        self.assertEqual(ids.tolist(), [[4766, 40762, 41893, 28605, 12503]])

    def test_standard_agrees_with_scalar_arithmetic(self) -> None:
        state, mask = synthetic.stream_state("x"), (1 << 64) - 1
        for value in synthetic.standard("x", 1000).tolist():
            total = 0
            for _ in range(3):
                state = state + 0x9E3779B97F4A7C15 & mask
                word = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & mask
                word = (word ^ word >> 27) * 0x94D049BB133111EB & mask
                word ^= word >> 31
                total += sum(word >> shift & 0xFFFF for shift in (0, 16, 32, 48))
            self.assertEqual(value, (total - 393210) / 65536)

    def test_moments(self) -> None:
        z = synthetic.standard("moments", 1 << 20).astype(np.float64)
        self.assertLess(abs(z.mean()), 5 / 1024)  # five standard errors
        self.assertLess(abs(z.var() - 1), 5 * 1.9**0.5 / 1024)  # kurtosis of the sum: 3 - 1.2/12 = 2.9

    def test_weight_exponents(self) -> None:
        fans = {1: 0, 2: 0, 3: -1, 8: -1, 9: -2, 48: -3, 80: -3, 512: -4, 513: -5, 576: -5, 1536: -5, 2048: -5, 2049: -6}
        self.assertEqual({fan: synthetic.weight_exponent(fan) for fan in fans}, fans)

    def test_kinds(self) -> None:
        kinds = {
            ("model.embed_tokens.weight", 2): Kind.EMBEDDING,
            ("model.layers.0.self_attn.q_proj.weight", 2): Kind.WEIGHT,
            ("model.layers.0.self_attn.o_proj.weight", 2): Kind.RESIDUAL_WEIGHT,
            ("model.layers.0.mlp.down_proj.weight", 2): Kind.RESIDUAL_WEIGHT,
            ("model.norm.weight", 1): Kind.GAIN,
            ("layer1.0.bn1.running_var", 1): Kind.RUNNING_VARIANCE,
            ("fc.bias", 1): Kind.BIAS,
        }
        self.assertEqual({key: synthetic.kind_of(*key) for key in kinds}, kinds)


class Summary(unittest.TestCase):
    def test_vectors(self) -> None:
        key = "grad.model.embed_tokens.weight"
        self.assertEqual(int(synthetic.mix64(np.array([1], dtype=np.uint64))[0]), 0x5692161D100B05E5)
        self.assertEqual(summary.sample_indices(key, 28311552, 4).tolist(), SAMPLES)
        ramp = np.arange(1, 2001, dtype=np.float64)
        sketched = summary.sketch(key, ramp)
        self.assertEqual(sketched[:6].tolist(), SKETCH)

    def test_norm_is_kept(self) -> None:
        for size in (576, 1281, 50_000, 3_000_000):
            values = synthetic.standard(f"norm{size}", size).astype(np.float64)
            ratio = summary.norm(summary.sketch("norm", values)) / summary.norm(values)
            self.assertLess(abs(ratio - 1), 0.08)

    def test_linear(self) -> None:
        a, b = (synthetic.standard(name, 5000).astype(np.float64) for name in "ab")
        gap = summary.sketch("k", a - b) - (summary.sketch("k", a) - summary.sketch("k", b))
        self.assertLess(np.abs(gap).max(), 1e-12)

    def test_chunks_join(self) -> None:
        values = synthetic.standard("chunks", (1 << 19) + 3).astype(np.float64)
        hashes = synthetic.mix64(np.arange(values.size, dtype=np.uint64) ^ np.uint64(synthetic.fnv1a64("k")))
        signs = np.where(hashes >> np.uint64(63), -1.0, 1.0)
        whole = np.bincount((hashes % np.uint64(1024)).astype(np.int64), weights=signs * values, minlength=1024)
        self.assertLess(np.abs(whole - summary.sketch("k", values)).max(), 1e-11)


class TensorFile(unittest.TestCase):
    def test_layout_and_return(self) -> None:
        tensors = {"b": np.arange(3, dtype=np.float32), "a": np.array(7, dtype=np.int64), "B": np.ones((2, 2))}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "t.safetensors"
            tensor_file.write(path, tensors)
            data = path.read_bytes()
            header = data[8 : 8 + int.from_bytes(data[:8], "little")]
            self.assertEqual(len(header) % 8, 0)
            self.assertTrue(header.startswith(b'{"B":{"dtype":"F64","shape":[2,2],"data_offsets":[0,32]},"a"'))
            back = tensor_file.read(path)
            self.assertEqual(list(back), ["B", "a", "b"])
            for name, expected in tensors.items():
                np.testing.assert_array_equal(back[name], expected)
                self.assertEqual(back[name].shape, expected.shape)


SAMPLES = [4138627, 12096321, 1403610, 9750783]
SKETCH = [0.0, -126.0, 1108.0, -3441.0, -3047.0, 2646.0]

if __name__ == "__main__":
    unittest.main()
