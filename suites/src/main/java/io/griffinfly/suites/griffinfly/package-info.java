/// The engine of this project as a framework of the benchmark.
@NullMarked
package io.griffinfly.suites.griffinfly;

import org.jspecify.annotations.NullMarked;
