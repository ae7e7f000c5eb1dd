/// A case of a few numbers and frameworks that misbehave on purpose, for tests of the whole
/// command.
@NullMarked
package io.griffinfly.suites.fake;

import org.jspecify.annotations.NullMarked;
