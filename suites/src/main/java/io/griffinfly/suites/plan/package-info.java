/// What a run will do, decided before any of it is done: which processes in which order, sampled
/// how.
@NullMarked
package io.griffinfly.suites.plan;

import org.jspecify.annotations.NullMarked;
