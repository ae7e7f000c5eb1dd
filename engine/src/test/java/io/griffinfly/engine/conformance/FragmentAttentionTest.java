package io.griffinfly.engine.conformance;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Attention of halves on the matrix units of subgroups.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.FRAGMENTS)
class FragmentAttentionTest extends AttentionOfHalves {
  FragmentAttentionTest(Subject subject) {
    super("fragments, attention", subject);
  }
}
