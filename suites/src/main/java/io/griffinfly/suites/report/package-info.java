/// Results: one file for each framework and case, tables for people, and what is published.
@NullMarked
package io.griffinfly.suites.report;

import org.jspecify.annotations.NullMarked;
