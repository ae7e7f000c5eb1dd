/// Holds what a framework returned against the truth, and what it timed against the clock on the
/// wall.
///
/// Errors are relative L2 in double precision: for a tensor that the truth keeps whole exactly, for
/// others estimated from a count-sketch. A check has a limit that lies between the errors of
/// accepted implementations and those of known wrong ones; where the two are too close, it has no
/// verdict.
@NullMarked
package io.griffinfly.suites.validate;

import org.jspecify.annotations.NullMarked;
