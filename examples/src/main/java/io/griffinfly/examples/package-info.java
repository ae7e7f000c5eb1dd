/// Programs of one screen each.
@NullMarked
package io.griffinfly.examples;

import org.jspecify.annotations.NullMarked;
