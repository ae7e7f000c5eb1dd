package io.griffinfly.engine.plan;

import io.griffinfly.engine.ir.Norm;
import io.griffinfly.engine.kernel.KernelSpec;
import java.util.ArrayList;
import java.util.List;

/// How a kernel comes by the factors of a product, which it reads for many elements of the result.
sealed interface Factors {
  /// Both are read.
  Factors AS_THEY_ARE = new AsTheyAre();

  /// What the kernel computes.
  ///
  /// @param product what it would compute of the factors themselves
  /// @param read what it would read then, both factors first
  KernelSpec spec(KernelSpec.OfRows product, List<View> read);

  /// What the kernel reads.
  ///
  /// @param read what it would read of the factors themselves, both of them first
  List<View> operands(List<View> read);

  /// How many of its operands the factors come from; these are the first.
  int count();

  /// The factors are read.
  record AsTheyAre() implements Factors {
    @Override
    public KernelSpec spec(KernelSpec.OfRows product, List<View> read) {
      return product;
    }

    @Override
    public List<View> operands(List<View> read) {
      return read;
    }

    @Override
    public int count() {
      return 2;
    }
  }

  /// The left factor is what a norm makes of its operands.
  ///
  /// @param norm the norm
  /// @param of its operands
  record Normalized(Norm.RmsNorm norm, List<View> of) implements Factors {
    /// Copies the list.
    public Normalized {
      of = List.copyOf(of);
    }

    @Override
    public KernelSpec spec(KernelSpec.OfRows product, List<View> read) {
      return new KernelSpec.AfterNorm(
          norm, product, operands(read).stream().map(View::type).toList(), product.results());
    }

    @Override
    public List<View> operands(List<View> read) {
      List<View> operands = new ArrayList<>(of);
      operands.addAll(read.subList(1, read.size()));
      return operands;
    }

    @Override
    public int count() {
      return of.size() + 1;
    }
  }
}
