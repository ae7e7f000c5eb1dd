package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.ir.TensorType;
import io.griffinfly.engine.kernel.KernelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a [DotProduct] computes: a product, and what the same lanes do before and after it.
///
/// @param product the product; of halves that come together that of the left ones, `[m, n/2]`,
///   whose right operand still has all columns and whose epilogue finds the sum of the right half
///   in the variable [DotPairs#SECOND]
/// @param pairs which columns belong together
/// @param norm what the rows go through first
record DotForm(Product product, DotPairs pairs, Optional<RowNorm> norm) {
  /// A norm of the rows. It multiplies a whole row by one number, 1/√(mean of squares + ε), so
  /// lanes multiply their sums by it and add up the squares beside them: no lane waits for a norm.
  ///
  /// @param weight its weight, `[k]`
  /// @param epsilon its ε
  /// @param rows what the normalized rows would be in memory
  record RowNorm(Place weight, double epsilon, TensorType rows) {}

  /// The product alone.
  static DotForm of(Product product) {
    return new DotForm(product, new DotPairs.None(), Optional.empty());
  }

  /// What a spec asks for, if it is of such a form.
  static Optional<DotForm> of(KernelSpec.Joined spec, List<Place> operands, List<Place> results) {
    return switch (spec) {
      case KernelSpec.Paired paired -> Optional.of(of(paired, operands, results, Optional.empty()));
      case KernelSpec.Rotated rotated ->
          Optional.of(of(rotated, operands, results, Optional.empty()));
      case KernelSpec.AfterNorm afterNorm -> {
        List<Place> factors = List.of(operands.get(0), operands.get(2));
        List<Place> read = new ArrayList<>(factors);
        read.addAll(operands.subList(3, operands.size()));
        TensorType rows = afterNorm.then().operands().getFirst();
        RowNorm norm = new RowNorm(operands.get(1), afterNorm.norm().epsilon(), rows);
        yield Optional.of(of(afterNorm.then(), read, results, Optional.of(norm)));
      }
      case KernelSpec.Normed _, KernelSpec.Spread _ -> Optional.empty();
    };
  }

  private static DotForm of(
      KernelSpec.OfRows spec, List<Place> operands, List<Place> results, Optional<RowNorm> norm) {
    return switch (spec) {
      case KernelSpec.Contract contract ->
          new DotForm(
              Product.of(contract, operands, results.getFirst()), new DotPairs.None(), norm);
      case KernelSpec.Paired paired ->
          new DotForm(
              PairedSchedule.product(paired, operands, results.getLast()),
              new DotPairs.Halves(
                  paired.keepsProduct() ? Optional.of(results.getFirst()) : Optional.empty()),
              norm);
      case KernelSpec.Rotated rotated ->
          new DotForm(
              Product.of(rotated.product(), operands.subList(0, 2), results.getFirst()),
              new DotPairs.Heads(
                  rotated.headSize(),
                  rotated.turned(),
                  rotated.inverse(),
                  operands.get(2),
                  operands.get(3)),
              norm);
    };
  }

  /// The same of rows that another kernel has normalized.
  DotForm withoutNorm() {
    Place x = product.left();
    Place left = new Place(x.slot(), norm.map(RowNorm::rows).orElse(x.type()), x.layout());
    Product alone =
        new Product(
            left, product.right(), product.result(), product.depthAxes(), product.epilogue());
    return new DotForm(alone, pairs, Optional.empty());
  }

  /// Whether the weight lies along the depth, so that lanes which share the depth of a column read
  /// neighbours.
  boolean isAlongDepth() {
    long depth = product.rightDepthStride(0);
    long column = product.rightColumnStride();
    return product.right().dim(product.rightColumnAxis()) == 1
        || depth == 1
        || (column != 1 && depth < column);
  }

  /// Columns or pairs of them that a row has.
  int count() {
    return pairs.count(product);
  }

  /// Elements that a lane reads for each place of the depth: of so many columns, of the rows, and
  /// of the norm's weight.
  ///
  /// @param columns or pairs of them
  int reads(int columns) {
    return columns * pairs.together() + product.m() + (norm.isPresent() ? 1 : 0);
  }

  /// The bytes of these.
  double bytes(int columns) {
    double weight = norm.map(each -> (double) each.weight().dtype().bytes()).orElse(0.0);
    return columns * pairs.together() * product.right().dtype().bytes()
        + product.m() * product.left().dtype().bytes()
        + weight;
  }

  /// Sums that a lane has, of products and of squares.
  int sums(int columns) {
    return product.m() * (columns * pairs.together() + (norm.isPresent() ? 1 : 0));
  }
}
