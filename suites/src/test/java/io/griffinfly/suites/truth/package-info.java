/// The truth that the benchmark judges by, made again from nothing.
@NullMarked
package io.griffinfly.suites.truth;

import org.jspecify.annotations.NullMarked;
