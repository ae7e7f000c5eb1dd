package io.griffinfly.engine.ir;

import java.util.ArrayList;
import java.util.List;

/// The type of every operation's result, from the types of its operands.
public final class ShapeRules {
  private ShapeRules() {}

  /// Infers the type of an operation's result.
  ///
  /// @param op the operation
  /// @param inputs the types of its operands
  /// @return the type of its result
  /// @throws GraphException if the operands do not fit; the message names the operation and what it
  ///   was given
  public static ValueType infer(Op op, List<ValueType> inputs) {
    try {
      return switch (op) {
        case Leaf leaf -> leaf(leaf, inputs);
        case Move.Project project -> project(project, inputs);
        case Elementwise elementwise -> elementwise(elementwise, tensors(inputs));
        case Reduce reduce -> reduce(reduce, tensors(inputs));
        case Contract contract -> contract(contract, tensors(inputs));
        case Move move -> MoveShapes.infer(move, tensors(inputs));
        case Gather gather -> gather(gather, tensors(inputs));
        case Norm norm -> CompositeShapes.norm(norm, tensors(inputs));
        case Attention attention -> CompositeShapes.attention(attention, tensors(inputs));
        case Loss loss -> CompositeShapes.loss(loss, tensors(inputs));
      };
    } catch (GraphException e) {
      throw new GraphException(op + " of " + inputs + ": " + e.getMessage());
    }
  }

  static void require(boolean condition, String message) {
    if (!condition) {
      throw new GraphException(message);
    }
  }

  static void requireCount(List<?> inputs, int count) {
    if (inputs.size() != count) {
      throw new GraphException("takes " + count + " operands, not " + inputs.size());
    }
  }

  private static List<TensorType> tensors(List<ValueType> inputs) {
    List<TensorType> tensors = new ArrayList<>(inputs.size());
    for (ValueType input : inputs) {
      switch (input) {
        case TensorType type -> tensors.add(type);
        case ValueType.Tuple _ ->
            throw new GraphException("an operand has several results: project one of them");
      }
    }
    return tensors;
  }

  private static TensorType leaf(Leaf leaf, List<ValueType> inputs) {
    requireCount(inputs, 0);
    return switch (leaf) {
      case Leaf.Input(_, TensorType type) -> type;
      case Leaf.State(_, TensorType type, _, _) -> type;
      case Leaf.Constant(Literal literal) -> literal.type();
      case Leaf.Iota(TensorType type, int axis) -> {
        type.shape().axis(axis);
        yield type;
      }
    };
  }

  private static TensorType project(Move.Project project, List<ValueType> inputs) {
    requireCount(inputs, 1);
    return switch (inputs.getFirst()) {
      case TensorType _ -> throw new GraphException("the operand has a single result");
      case ValueType.Tuple(List<TensorType> elements) -> {
        require(
            project.index() >= 0 && project.index() < elements.size(),
            "there are " + elements.size() + " results");
        yield elements.get(project.index());
      }
    };
  }

  private static TensorType elementwise(Elementwise elementwise, List<TensorType> inputs) {
    return switch (elementwise) {
      case Elementwise.Cast(DType to) -> {
        requireCount(inputs, 1);
        yield new TensorType(to, inputs.getFirst().shape());
      }
      case Elementwise.Map(ScalarFn fn) -> map(fn, inputs);
    };
  }

  private static TensorType map(ScalarFn fn, List<TensorType> inputs) {
    requireCount(inputs, fn.arity());
    DType first = inputs.getFirst().dtype();
    List<TensorType> alike =
        fn.kind() == ScalarFn.Kind.CHOICE ? inputs.subList(1, inputs.size()) : inputs;
    DType common = alike.getFirst().dtype();
    Shape shape = Shape.SCALAR;
    for (TensorType input : inputs) {
      shape = Shape.broadcast(shape, input.shape());
    }
    for (TensorType input : alike) {
      require(input.dtype() == common, "element types differ: cast one of them");
    }
    DType out =
        switch (fn.kind()) {
          case ARITHMETIC -> {
            require(common != DType.BOOL, "takes numbers");
            yield common;
          }
          case REAL -> {
            require(common.isFloat(), "takes floating-point numbers");
            yield common;
          }
          case COMPARISON -> DType.BOOL;
          case LOGIC -> {
            require(common == DType.BOOL, "takes truth values");
            yield DType.BOOL;
          }
          case CHOICE -> {
            require(first == DType.BOOL, "the first operand must be a truth value");
            yield common;
          }
        };
    return new TensorType(out, shape);
  }

  private static TensorType reduce(Reduce reduce, List<TensorType> inputs) {
    requireCount(inputs, 1);
    TensorType input = inputs.getFirst();
    return switch (reduce) {
      case Reduce.Fold(_, List<Integer> axes, boolean keepDims) -> {
        require(input.dtype() != DType.BOOL, "takes numbers");
        int last = -1;
        for (int axis : axes) {
          require(axis > last && axis < input.shape().rank(), "axes must ascend and exist");
          last = axis;
        }
        yield input.withShape(fold(input.shape(), axes, keepDims));
      }
      case Reduce.ArgMax(int axis, boolean keepDims) -> {
        require(axis >= 0 && input.shape().dim(input.shape().axis(axis)) > 0, "an empty axis");
        yield new TensorType(DType.I64, fold(input.shape(), List.of(axis), keepDims));
      }
    };
  }

  private static Shape fold(Shape shape, List<Integer> axes, boolean keepDims) {
    List<Integer> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (!axes.contains(axis)) {
        dims.add(shape.dim(axis));
      } else if (keepDims) {
        dims.add(1);
      }
    }
    return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
  }

  private static TensorType contract(Contract contract, List<TensorType> inputs) {
    int extras =
        switch (contract) {
          case Contract.MatMul _ -> 0;
          case Contract.FusedMatMul(_, _, ScalarExpr epilogue) -> Math.max(0, epilogue.arity() - 1);
        };
    requireCount(inputs, 2 + extras);
    TensorType left = inputs.get(0);
    TensorType right = inputs.get(1);
    require(left.dtype().isFloat() && left.dtype() == right.dtype(), "takes equal float types");
    require(left.shape().rank() >= 2 && right.shape().rank() >= 2, "takes rank 2 or more");
    int m = left.shape().dim(contract.transposeLeft() ? -1 : -2);
    int k = left.shape().dim(contract.transposeLeft() ? -2 : -1);
    int n = right.shape().dim(contract.transposeRight() ? -2 : -1);
    require(
        right.shape().dim(contract.transposeRight() ? -1 : -2) == k, "inner extents must be equal");
    Shape batch = Shape.broadcast(leading(left.shape()), leading(right.shape()));
    int[] dims = java.util.Arrays.copyOf(batch.dims(), batch.rank() + 2);
    dims[batch.rank()] = m;
    dims[batch.rank() + 1] = n;
    boolean widens = contract instanceof Contract.FusedMatMul && left.dtype().isHalf();
    TensorType out = new TensorType(widens ? DType.F32 : left.dtype(), Shape.of(dims));
    for (TensorType extra : inputs.subList(2, inputs.size())) {
      require(
          Shape.broadcast(out.shape(), extra.shape()).equals(out.shape()),
          "an operand of the epilogue does not broadcast to " + out.shape());
    }
    return out;
  }

  /// The axes of a matrix product before the last two.
  static Shape leading(Shape shape) {
    return Shape.of(java.util.Arrays.copyOf(shape.dims(), shape.rank() - 2));
  }

  private static TensorType gather(Gather gather, List<TensorType> inputs) {
    requireCount(inputs, 2);
    return switch (gather) {
      case Gather.Take(int axis) -> {
        require(inputs.get(1).dtype().isInteger(), "indices must be integers");
        yield inputs.get(0).withShape(taken(inputs.get(0).shape(), axis, inputs.get(1).shape()));
      }
      case Gather.ScatterAdd(int axis, int extent) -> {
        Shape indices = inputs.get(0).shape();
        Shape updates = inputs.get(1).shape();
        require(inputs.get(0).dtype().isInteger(), "indices must be integers");
        int rank = updates.rank() - indices.rank() + 1;
        require(axis >= 0 && axis < rank, "no such axis");
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
          dims[i] = i == axis ? extent : updates.dim(i < axis ? i : i + indices.rank() - 1);
        }
        require(taken(Shape.of(dims), axis, indices).equals(updates), "updates do not fit");
        yield inputs.get(1).withShape(Shape.of(dims));
      }
    };
  }

  private static Shape taken(Shape table, int axis, Shape indices) {
    table.axis(axis);
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < table.rank(); i++) {
      if (i == axis) {
        for (int dim : indices.dims()) {
          dims.add(dim);
        }
      } else {
        dims.add(table.dim(i));
      }
    }
    return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
  }
}
