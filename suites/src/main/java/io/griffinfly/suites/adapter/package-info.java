/// Adapter protocol 1: the records that go to and come from a framework's process, and the host
/// that speaks it for a framework inside the JVM.
///
/// The protocol is told in `suites/peers/PROTOCOL.md`. A framework reports raw times and raw
/// tensors; everything that is concluded from them is concluded elsewhere.
@NullMarked
package io.griffinfly.suites.adapter;

import org.jspecify.annotations.NullMarked;
