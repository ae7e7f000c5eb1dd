package io.griffinfly.engine.vulkan;

import io.griffinfly.engine.vulkan.ShaderWriter.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Which columns of a weight belong together in a [DotProduct], so that the same lanes multiply
/// them and one lane has both sums, and what it stores of these.
sealed interface DotPairs {
  /// The variable of a pair's second sum.
  String SECOND = "second";

  /// Columns that belong together: 2 of pairs, else 1.
  int together();

  /// Pairs of a row, or columns, if these are by themselves.
  default int count(Product product) {
    return product.right().dim(product.rightColumnAxis()) / together();
  }

  /// Whether every column of a product belongs to a pair.
  boolean divides(Product product);

  /// GLSL of a column of the weight.
  ///
  /// @param number GLSL of the pair's number
  /// @param which of its columns, 0 or 1
  String column(Product product, String number, int which);

  /// Binds what is read and written besides the factors and the result.
  ///
  /// @param result the product's result
  Writer bind(ShaderWriter shader, Product product, Bound result);

  /// Columns that belong together, in a shader.
  interface Writer {
    /// Writes what can be done before the sums are there: reads.
    ///
    /// @param at variables of coordinates in the result, the last of them the pair's number
    /// @return from the variables of a pair's sums, the second [#SECOND], to what is stored
    Function<List<String>, List<Store>> prepare(List<String> at);
  }

  /// An element to be stored.
  ///
  /// @param to where
  /// @param position GLSL of the position there
  /// @param value GLSL of the element
  record Store(Bound to, String position, String value) {
    void write(ShaderWriter shader) {
      shader.store(to, position, value);
    }
  }

  /// Every column by itself.
  record None() implements DotPairs {
    @Override
    public int together() {
      return 1;
    }

    @Override
    public boolean divides(Product product) {
      return true;
    }

    @Override
    public String column(Product product, String number, int which) {
      return number;
    }

    @Override
    public Writer bind(ShaderWriter shader, Product product, Bound result) {
      Product.Bindings epilogue = product.epilogue().bind(shader);
      return at -> {
        UnaryOperator<String> finish = epilogue.prepare(at);
        return sums ->
            List.of(new Store(result, product.position(result, at), finish.apply(sums.getFirst())));
      };
    }
  }

  /// A column of the left half and one of the right, which become one element of a result half as
  /// wide.
  ///
  /// @param kept where the sums themselves are stored as well, `[m, n]`
  record Halves(Optional<Place> kept) implements DotPairs {
    @Override
    public int together() {
      return 2;
    }

    @Override
    public boolean divides(Product product) {
      return true;
    }

    @Override
    public String column(Product product, String number, int which) {
      return number + " + " + which * count(product);
    }

    @Override
    public Writer bind(ShaderWriter shader, Product product, Bound result) {
      Optional<Bound> both = kept.map(shader::writes);
      Product.Bindings epilogue = product.epilogue().bind(shader);
      return at -> {
        UnaryOperator<String> finish = epilogue.prepare(at);
        return sums -> {
          List<Store> stores = new ArrayList<>();
          stores.add(
              new Store(result, product.position(result, at), finish.apply(sums.getFirst())));
          both.ifPresent(bound -> {
            for (int which = 0; which < sums.size(); which++) {
              String column = "(" + column(product, at.getLast(), which) + ")";
              stores.add(new Store(bound, at(bound, at.getFirst(), column), sums.get(which)));
            }
          });
          return stores;
        };
      };
    }
  }

  /// A column of the first half of a head and the one of its second half that a rotary embedding
  /// turns together with it. Both are stored.
  ///
  /// @param headSize columns of a head
  /// @param turned columns that are turned, whole heads; those behind are stored as they are
  /// @param inverse whether sines change their sign
  /// @param cos cosines, `[positions, headSize/2]`
  /// @param sin sines, likewise
  record Heads(int headSize, int turned, boolean inverse, Place cos, Place sin)
      implements DotPairs {
    @Override
    public int together() {
      return 2;
    }

    @Override
    public boolean divides(Product product) {
      return product.n() % headSize == 0;
    }

    private int half() {
      return headSize / 2;
    }

    /// So many heads lie before a pair, each with as many columns as pairs that are second ones.
    @Override
    public String column(Product product, String number, int which) {
      String second = which == 0 ? "" : " + " + half();
      return "(" + number + ") + (" + number + ") / " + half() + " * " + half() + second;
    }

    @Override
    public Writer bind(ShaderWriter shader, Product product, Bound result) {
      Bound cosines = shader.reads(cos);
      Bound sines = shader.reads(sin);
      return at -> {
        String row = at.getFirst();
        String column = shader.let("int", column(product, at.getLast(), 0));
        String position = shader.let("int", row, " % ", cos.dim(0));
        String pair = shader.let("int", at.getLast(), " % ", half());
        String cosine =
            shader.let("float", shader.load(cosines, DotPairs.at(cosines, position, pair)));
        String sine = shader.let("float", shader.load(sines, DotPairs.at(sines, position, pair)));
        return sums -> {
          String first = sums.get(0);
          String second = sums.get(1);
          String minus = inverse ? " + " : " - ";
          String plus = inverse ? " - " : " + ";
          String left = first + " * " + cosine + minus + second + " * " + sine;
          String right = second + " * " + cosine + plus + first + " * " + sine;
          String other = "(" + column + " + " + half() + ")";
          return List.of(
              new Store(result, at(result, row, column), turned(shader, column, left, first)),
              new Store(result, at(result, row, other), turned(shader, column, right, second)));
        };
      };
    }

    private String turned(ShaderWriter shader, String column, String value, String sum) {
      return shader.let("float", column, " < ", turned, " ? ", value, " : ", sum);
    }
  }

  /// The position of an element of a matrix.
  private static String at(Bound matrix, String row, String column) {
    Place place = matrix.place();
    return matrix.position(List.of(row, column), List.of(place.stride(0), place.stride(1)));
  }
}
