package io.griffinfly.engine.egraph;

/// A rule about several places that share a class, such as all matrix products of one left operand:
/// a join of the pattern with itself on one variable.
///
/// @param <H> operator records
/// @param <D> what the analysis knows about a class
/// @param name what reports, explanations and errors call the rule
/// @param exactness how far the two sides agree
/// @param pattern the left side of each member
/// @param key the name in the pattern whose class the members share
/// @param guard a further condition on each member
/// @param applier the right side; must not make new members, or the group grows without end
public record GroupRewrite<H, D>(
    String name,
    Exactness exactness,
    Pattern pattern,
    String key,
    Guard<H, D> guard,
    GroupApplier<H, D> applier)
    implements Rule<H, D> {}
