/// The frameworks under test: what their manifests say, and whether they are ready on this machine.
@NullMarked
package io.griffinfly.suites.peers;

import org.jspecify.annotations.NullMarked;
