/// The benchmark.
@NullMarked
package io.griffinfly.suites;

import org.jspecify.annotations.NullMarked;
