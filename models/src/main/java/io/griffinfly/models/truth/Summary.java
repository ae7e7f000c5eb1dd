package io.griffinfly.models.truth;

import io.griffinfly.models.synthetic.SplitMix64;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;

/// The seeded summaries that stand for large tensors. The count-sketch (Charikar, Chen and
/// Farach-Colton 2002), one row of it, is linear and keeps the L2 norm: the norm of a difference of
/// sketches estimates the norm of the difference, within 8 % for 1024 buckets.
public final class Summary {
  /// Values that one task adds up. The sums of the tasks are added in order, so that a sketch does
  /// not depend on the number of threads.
  private static final long CHUNK = 1 << 20;

  private Summary() {}

  /// Flat positions of the samples that are kept under a key.
  ///
  /// @param key the whole key, which seeds the draw
  /// @param size number of values to choose from
  /// @param count how many samples
  /// @return positions in drawing order, repeats kept
  public static long[] positions(String key, long size, int count) {
    SplitMix64 stream = SplitMix64.of(0, key);
    return LongStream.range(0, count).map(j -> (stream.word(j) >>> 33) % size).toArray();
  }

  /// The hash of a position, whose low bits choose the bucket and whose highest the sign.
  ///
  /// @param seed FNV-1a64 of the key
  /// @param index flat position
  /// @return the hash
  static long hash(long seed, long index) {
    return SplitMix64.mix64(index ^ seed);
  }

  /// Sketches values.
  ///
  /// @param key the whole key, which seeds the hashes
  /// @param size number of values
  /// @param values value by flat position, called from several threads
  /// @param buckets length of the sketch, a power of two
  /// @return the sketch
  public static double[] sketch(String key, long size, LongToDoubleFunction values, int buckets) {
    long seed = SplitMix64.fnv1a64(key);
    List<double[]> parts =
        LongStream.range(0, (size + CHUNK - 1) / CHUNK)
            .parallel()
            .mapToObj(chunk -> {
              double[] part = new double[buckets];
              long end = Math.min(size, (chunk + 1) * CHUNK);
              for (long i = chunk * CHUNK; i < end; i++) {
                long hash = hash(seed, i);
                double value = values.applyAsDouble(i);
                part[(int) hash & (buckets - 1)] += hash < 0 ? -value : value;
              }
              return part;
            })
            .toList();
    double[] sketch = new double[buckets];
    for (double[] part : parts) {
      for (int bucket = 0; bucket < buckets; bucket++) {
        sketch[bucket] += part[bucket];
      }
    }
    return sketch;
  }
}
