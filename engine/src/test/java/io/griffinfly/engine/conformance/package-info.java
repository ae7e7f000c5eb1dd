/// One suite of kernels and sessions for every device: a device is a [Subject] and brings only what
/// it does not take, with the reason.
@org.jspecify.annotations.NullMarked
package io.griffinfly.engine.conformance;
