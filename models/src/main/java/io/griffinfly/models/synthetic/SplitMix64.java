package io.griffinfly.models.synthetic;

import java.nio.charset.StandardCharsets;

/// A stream of 64-bit words in which every word can be had without those before it (Steele, Lea and
/// Flood, OOPSLA 2014).
///
/// @param state where the stream starts
public record SplitMix64(long state) {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /// The stream of a tensor.
  ///
  /// @param seed the seed of all tensors
  /// @param name the tensor's name
  /// @return the stream that starts at the seed xor the name's hash
  public static SplitMix64 of(long seed, String name) {
    return new SplitMix64(seed ^ fnv1a64(name));
  }

  /// The FNV-1a hash (Fowler, Noll and Vo).
  ///
  /// @param text any text
  /// @return the hash of its UTF-8 bytes
  public static long fnv1a64(String text) {
    long hash = FNV_OFFSET;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  /// The finalizer: a bijection in which every bit of the result depends on every bit of x.
  ///
  /// @param x any word
  /// @return the mixed word
  public static long mix64(long x) {
    long y = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    long z = (y ^ (y >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /// One word.
  ///
  /// @param index its position, 0 or more
  /// @return the word
  public long word(long index) {
    return mix64(state + (index + 1) * GAMMA);
  }

  /// A whole number.
  ///
  /// @param index its position, 0 or more
  /// @param modulus how many numbers there are, 1 to 2^31
  /// @return a number from 0 to the modulus, exclusive
  public long integer(long index, long modulus) {
    return (word(index) >>> 33) % modulus;
  }

  /// A nearly normal number: the sum of twelve 16-bit integers, centred and scaled to mean 0 and
  /// variance 1 (Irwin-Hall).
  ///
  /// @param index its position, 0 or more
  /// @return the number, a multiple of 2^-16 below 6 in magnitude, exact
  public float normal(long index) {
    long first = state + (3 * index + 1) * GAMMA;
    long second = first + GAMMA;
    long third = second + GAMMA;
    long sum = pairs(mix64(first)) + pairs(mix64(second)) + pairs(mix64(third));
    int twelve = (int) (sum + (sum >>> 32));
    return (twelve - 393210) * 0x1p-16f;
  }

  /// Adds the four 16-bit fields of a word into two sums, 32 bits apart.
  private static long pairs(long word) {
    return (word & 0x0000ffff0000ffffL) + ((word >>> 16) & 0x0000ffff0000ffffL);
  }
}
