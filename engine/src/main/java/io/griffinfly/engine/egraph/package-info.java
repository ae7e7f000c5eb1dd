/// Equality saturation: the core of the optimizer, which knows no algebra.
///
/// **The idea.** A compiler that rewrites a graph in place must choose an order of its passes, and
/// each choice hides others. Here nothing is replaced: an [EGraph] holds a graph together with
/// everything that rules have shown to be equal to it, in *classes* of equal *nodes*; a node's
/// operands are classes, so a few nodes stand for a great many graphs. When the rules are done, the
/// cheapest graph is taken out. (Nelson and Oppen 1980 for congruence closure; Willsey et al.,
/// "egg", POPL 2021, for deferred rebuilding and analyses; Yang et al., "TENSAT", MLSys 2021, for
/// tensor graphs.)
///
/// **How to use it.**
///
/// 1. Operators are the client's own records; all attributes are part of `equals`. An [Analysis]
///    says what is known about each class, such as its type.
/// 2. The graph goes in with [EGraph#add], operands first.
/// 3. A [Rewrite] is a [Pattern], a [Guard] and an [Applier]; a [GroupRewrite] takes all matches
///    that share a class, such as the matrix products of one operand.
/// 4. A [Runner] applies the rules within [Limits] and returns a [Report].
/// 5. An [Extractor] chooses with the client's [CostModel]; the [Extraction] lists the chosen
///    nodes, operands first.
/// 6. [EGraph#explain] and [EGraph#origin] tell which rules are behind any of it; [EGraphText]
///    prints.
///
/// **What can be relied on.** The same calls give the same nodes, ids, matches and choices, on
/// every machine: ids go up, nothing iterates over a hash, limits count work and not time.
/// Extraction is valid after any stop, as the oldest live node of each class is an acyclic term. A
/// rule that equates what the analysis knows to be different stops with its name. Depth is no
/// limit: nothing recurses over the graph.
///
/// **What not to write.** Rules for commutativity or associativity alone (say `commutative()` in
/// the pattern, keep sums flat and sorted), guards that look beyond the match, group rules whose
/// result joins the group.
package io.griffinfly.engine.egraph;
