/// The reference: what every operation means, in double precision and in the plainest code.
///
/// Rules, gradients, schedules, devices and imports are tested against it. Nothing here is fast on
/// purpose; matrix products alone run their rows in parallel, so that a whole model can be
/// evaluated in about a minute. Every sum is taken in one fixed order, so results are bit-equal
/// from run to run and for any number of threads.
package io.griffinfly.engine.ref;
