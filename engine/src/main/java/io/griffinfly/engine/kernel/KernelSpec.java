package io.griffinfly.engine.kernel;

import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.ir.Op;
import io.griffinfly.engine.ir.ReduceFn;
import io.griffinfly.engine.ir.ScalarExpr;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.TensorType;
import java.util.List;

/// The work of one kernel, on logical tensors. Two equal specs with equal layouts run the same
/// code.
///
/// Operand `i` of a scalar expression is operand `i` of the spec unless it says otherwise; a result
/// may be stored over an operand of the same layout when the spec reads that operand only at the
/// position it writes.
public sealed interface KernelSpec {
  /// What it reads.
  ///
  /// @return the operands' types
  List<TensorType> operands();

  /// What it writes.
  ///
  /// @return the results' types
  List<TensorType> results();

  /// A name for reports: what it computes, with its extents.
  ///
  /// @return the name, the same for equal work
  default String label() {
    return switch (this) {
      case Pointwise pointwise -> "pointwise " + pointwise.domain();
      case Fold fold -> "fold " + fold.fn() + " " + fold.domain() + " over " + fold.axes();
      case Contract contract ->
          "matmul "
              + contract.m()
              + "x"
              + contract.n()
              + "x"
              + contract.k()
              + (contract.transposeLeft() ? " T" : " N")
              + (contract.transposeRight() ? "T" : "N")
              + (contract.epilogue().operations() > 0 ? " + epilogue" : "");
      case Normed normed ->
          normed.product().label() + ", " + normed.norm().getClass().getSimpleName();
      case Paired paired -> paired.product().label() + ", halves together";
      case Spread spread -> spread.product().label() + ", " + spread.results().size() + " values";
      case Rotated rotated -> rotated.product().label() + ", Rotary";
      case AfterNorm afterNorm ->
          afterNorm.norm().getClass().getSimpleName() + ", " + afterNorm.then().label();
      case Direct direct ->
          direct.op().getClass().getSimpleName() + " " + direct.operands().getFirst().shape();
    };
  }

  /// Every element of every result is an expression of the operands' elements at that position.
  /// Also every copy: the expression is then its only operand.
  ///
  /// @param domain shape of the results; the operands broadcast to it
  /// @param expressions one a result
  /// @param operands types of what it reads
  /// @param results types of what it writes, of the domain's shape
  record Pointwise(
      Shape domain,
      List<ScalarExpr> expressions,
      List<TensorType> operands,
      List<TensorType> results)
      implements KernelSpec {
    /// Copies the lists.
    public Pointwise {
      expressions = List.copyOf(expressions);
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }
  }

  /// Folds an expression of the operands along some axes of its domain.
  ///
  /// @param fn how two elements combine
  /// @param prologue the expression
  /// @param domain shape of the expression; the operands broadcast to it
  /// @param axes the axes folded, ascending
  /// @param operands types of what it reads
  /// @param results type of the one result, whose shape is the domain without the folded axes
  record Fold(
      ReduceFn fn,
      ScalarExpr prologue,
      Shape domain,
      List<Integer> axes,
      List<TensorType> operands,
      List<TensorType> results)
      implements KernelSpec {
    /// Copies the lists.
    public Fold {
      axes = List.copyOf(axes);
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }
  }

  /// A product that multiplies the rows of its operand 0, whatever those have gone through.
  sealed interface OfRows extends KernelSpec {
    /// The product.
    ///
    /// @return it alone
    Contract product();
  }

  /// A matrix product of operands 0 and 1 over their last two axes, the axes before them broadcast,
  /// every element then passed through an expression.
  ///
  /// @param transposeLeft whether operand 0 is `[.., k, m]`
  /// @param transposeRight whether operand 1 is `[.., n, k]`
  /// @param epilogue the expression: its operand 0 is the product, its operand `i` is operand `1 +
  ///   i` of the spec, broadcast to the result
  /// @param operands types of what it reads
  /// @param results type of the one result
  record Contract(
      boolean transposeLeft,
      boolean transposeRight,
      ScalarExpr epilogue,
      List<TensorType> operands,
      List<TensorType> results)
      implements OfRows {
    /// Copies the lists.
    public Contract {
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }

    @Override
    public Contract product() {
      return this;
    }

    /// Rows of the product.
    ///
    /// @return m
    public int m() {
      return results.getFirst().shape().dim(-2);
    }

    /// Columns of the product.
    ///
    /// @return n
    public int n() {
      return results.getFirst().shape().dim(-1);
    }

    /// Length of each sum.
    ///
    /// @return k
    public int k() {
      return operands.getFirst().shape().dim(transposeLeft ? -2 : -1);
    }
  }

  /// A product and what follows it, or goes before it, as one kernel. Only devices that have such a
  /// kernel are asked.
  sealed interface Joined extends KernelSpec {
    /// The product.
    ///
    /// @return it alone
    Contract product();
  }

  /// A matrix product whose left and right halves of columns come together element by element, as
  /// those of a gate and of what it gates. Results: the product, if it is kept, and what its halves
  /// are together, half as wide.
  ///
  /// @param product the product, of rank 2; it has no epilogue
  /// @param keepsProduct whether the product itself is a result
  /// @param expression the expression: its operands 0 and 1 are the halves, its operand `i` is
  ///   operand `i` of the spec, broadcast to the result
  /// @param operands types of what it reads: left and right of the product first
  /// @param results types of what it writes
  record Paired(
      Contract product,
      boolean keepsProduct,
      ScalarExpr expression,
      List<TensorType> operands,
      List<TensorType> results)
      implements Joined, OfRows {
    /// Copies the lists.
    public Paired {
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }
  }

  /// A matrix product of which every element becomes several: itself, rounded and scaled for a
  /// further product, or the gradients of a gate and of what it gates.
  ///
  /// @param product the product, with its epilogue
  /// @param expressions one a result: operand 0 is the product, operand `i` is operand `i` of the
  ///   spec, broadcast to the result
  /// @param operands types of what it reads: those of the product first
  /// @param results types of what it writes, all of the product's extents
  record Spread(
      Contract product,
      List<ScalarExpr> expressions,
      List<TensorType> operands,
      List<TensorType> results)
      implements Joined {
    /// Copies the lists.
    public Spread {
      expressions = List.copyOf(expressions);
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }
  }

  /// A matrix product whose first columns are heads that a rotary embedding turns
  /// ([io.griffinfly.engine.ir.Attention.Rotary]), as those of queries and keys side by side are.
  /// What is behind them, as values are, is stored as it is. Operands: those of the product, then
  /// cosines and sines, each `[positions, headSize/2]`. Result: all columns.
  ///
  /// @param product the product, of rank 2, whose rows are those of one sequence after another; it
  ///   has no epilogue
  /// @param headSize columns of a head
  /// @param turned columns that are turned, whole heads
  /// @param inverse whether sines change their sign
  /// @param operands types of what it reads
  /// @param results type of what it writes
  record Rotated(
      Contract product,
      int headSize,
      int turned,
      boolean inverse,
      List<TensorType> operands,
      List<TensorType> results)
      implements Joined, OfRows {
    /// Copies the lists.
    public Rotated {
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }
  }

  /// A matrix product whose rows a norm then goes through, or the gradient of a norm: what comes in
  /// of the product is still on its way when the norm reads it.
  ///
  /// Operands: those of the product; then for a norm its weight, for a gradient x, the weight, and
  /// what is added to the gradient of x, if something is, and scalars. Results: for a norm the
  /// product, if it is kept, and the normalized rows; for a gradient that of x and that of the
  /// weight, then what an expression makes of that of x, if it is stored twice.
  ///
  /// @param product the product, of rank 2, whose result is the norm's input or its result's
  ///   gradient
  /// @param norm the norm, or its gradient
  /// @param keepsProduct whether the product itself is a result
  /// @param accumulates whether the operand behind the weight is added to the gradient of x
  /// @param also the expression: its operand 0 is the gradient of x with what is added to it, its
  ///   operand `i` is the `i`-th of the scalars
  /// @param operands types of what it reads
  /// @param results types of what it writes
  record Normed(
      Contract product,
      Norm norm,
      boolean keepsProduct,
      boolean accumulates,
      ScalarExpr also,
      List<TensorType> operands,
      List<TensorType> results)
      implements Joined {
    /// Copies the lists.
    public Normed {
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }
  }

  /// A product of rows that a norm goes through first. The normalized rows are in no memory: where
  /// their type is one of halves, a kernel may still multiply them in single precision.
  ///
  /// Operands: x and the weight of the norm, then those of the product behind its operand 0, which
  /// are the normalized rows. Results: those of the product.
  ///
  /// @param norm the norm
  /// @param then the product, of rank 2, whose operand 0 is not transposed
  /// @param operands types of what it reads
  /// @param results types of what it writes
  record AfterNorm(
      Norm.RmsNorm norm, OfRows then, List<TensorType> operands, List<TensorType> results)
      implements Joined {
    /// Copies the lists.
    public AfterNorm {
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }

    @Override
    public Contract product() {
      return then.product();
    }
  }

  /// One operation of the graph as it stands, with all its results: norms, attention, losses,
  /// gathers.
  ///
  /// @param op the operation
  /// @param operands types of what it reads
  /// @param results types of what it writes
  record Direct(Op op, List<TensorType> operands, List<TensorType> results) implements KernelSpec {
    /// Copies the lists.
    public Direct {
      operands = List.copyOf(operands);
      results = List.copyOf(results);
    }
  }
}
