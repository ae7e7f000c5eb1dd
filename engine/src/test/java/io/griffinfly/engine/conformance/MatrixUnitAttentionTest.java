package io.griffinfly.engine.conformance;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// Attention of halves on the matrix units of workgroups.
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource(Subjects.MATRIX_UNITS)
class MatrixUnitAttentionTest extends AttentionOfHalves {
  MatrixUnitAttentionTest(Subject subject) {
    super("matrix units, attention", subject);
  }
}
