/// Does what a plan says: starts each process, watches it, ends it, checks what it returned, and
/// writes down each step so that an interrupted run can go on.
@NullMarked
package io.griffinfly.suites.run;

import org.jspecify.annotations.NullMarked;
