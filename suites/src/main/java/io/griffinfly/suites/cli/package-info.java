/// The command line: options, progress on stderr, the artefact on stdout, exit codes.
@NullMarked
package io.griffinfly.suites.cli;

import org.jspecify.annotations.NullMarked;
