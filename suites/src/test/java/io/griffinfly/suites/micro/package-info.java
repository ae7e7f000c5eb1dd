/// JMH benchmarks of what speed rests on: the machine's two limits, matrix products and attention
/// beside them, the optimizer, and the forms of memory. `docs/benchmarks.md` says how they are run;
/// `BenchmarksRunTest` starts each for a moment.
@NullMarked
package io.griffinfly.suites.micro;

import org.jspecify.annotations.NullMarked;
