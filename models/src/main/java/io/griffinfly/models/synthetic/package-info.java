/// Synthetic tensors that any language regenerates bit for bit: a stream of SplitMix64 for each
/// name, sums of twelve 16-bit integers for normal values, and nothing but exact additions and
/// scaling by powers of two, so that only digests need to be kept.
///
/// The definition, with test vectors, is in `models/truth/README.md`.
package io.griffinfly.models.synthetic;
