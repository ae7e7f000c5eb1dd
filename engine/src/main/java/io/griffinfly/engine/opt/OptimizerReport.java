package io.griffinfly.engine.opt;

import io.griffinfly.engine.egraph.Extraction;
import io.griffinfly.engine.egraph.Report;

/// What one phase of the optimizer did.
///
/// @param phase the rules that ran
/// @param rules what each rule did
/// @param costs modelled cost in microseconds before and after
/// @param nodesBefore nodes of the graph it was given
/// @param nodesAfter nodes of the graph it made
/// @param elapsedNanos time it took
public record OptimizerReport(
    RuleSet phase,
    Report rules,
    Extraction.Costs costs,
    int nodesBefore,
    int nodesAfter,
    long elapsedNanos) {}
